using NetworkProtocol.Client.Diagnostics;
using Polly.CircuitBreaker;

namespace NetworkProtocol.Client;

/// <summary>
/// Stops calls to something that does not work: after <see cref="BreakerOptions.FailureThreshold"/> failures in a row it is open and
/// calls fail at once; after <see cref="BreakerOptions.BreakDuration"/> one trial call goes out and decides. For any number of callers.
/// </summary>
/// <remarks>Polly decides (<see cref="PollyBreaker"/>); while there are no failures a call costs nothing here.</remarks>
public sealed class CircuitBreaker
{
    /// <summary>Transitions that <see cref="History"/> keeps.</summary>
    public const int HistoryCapacity = 100;

    /// <summary>
    /// What a caller is told at least: while a trial is under way nobody knows when the next is due, and callers that come back at once
    /// would leave it no processor.
    /// </summary>
    private static readonly TimeSpan ShortestRetryAfter = TimeSpan.FromMilliseconds(100);

    private readonly PollyBreaker _polly;
    private readonly BreakerOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Queue<BreakerTransition> _history = new();
    private volatile BreakerState _state;
    private volatile int _failures;
    private volatile bool _probeFailed;
    private long _opened;

    /// <summary>A closed breaker.</summary>
    /// <param name="name">Its name in metrics and lists.</param>
    /// <param name="options">When it opens; null for the defaults.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public CircuitBreaker(string name, BreakerOptions? options = null, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        _options = (options ?? new BreakerOptions()).Copy();
        OptionsCheck.ThrowIfBad(_options.Check);
        _time = time ?? TimeProvider.System;
        _polly = new PollyBreaker(_options, _time, error => !IsAnswer(error));
    }

    /// <summary>Told after each change, on the thread that caused it: be quick. What a handler throws is ignored.</summary>
    public event EventHandler<BreakerTransition>? Changed;

    /// <summary>Its name in metrics and lists.</summary>
    public string Name { get; }

    /// <summary>Where it stands.</summary>
    public BreakerState State => _state;

    /// <summary>Failures since the last success.</summary>
    public int ConsecutiveFailures => _failures;

    /// <summary>How long until a trial goes out: zero when it is due or under way, null when closed or isolated.</summary>
    public TimeSpan? RetryAfter
    {
        get
        {
            var left = _options.BreakDuration - _time.GetElapsedTime(Volatile.Read(ref _opened));
            return _state switch
            {
                BreakerState.Open => left > TimeSpan.Zero ? left : TimeSpan.Zero,
                BreakerState.HalfOpen => TimeSpan.Zero,
                _ => null,
            };
        }
    }

    /// <summary>What failed last; null if nothing has.</summary>
    public Exception? LastError { get; private set; }

    /// <summary>The last changes, oldest first, at most <see cref="HistoryCapacity"/>.</summary>
    public IReadOnlyList<BreakerTransition> History
    {
        get
        {
            lock (_lock)
            {
                return [.. _history];
            }
        }
    }

    /// <summary>Whether calls go through: closed, or a trial is due.</summary>
    public bool Permits => _state == BreakerState.Closed || (_state == BreakerState.Open && RetryAfter == TimeSpan.Zero);

    /// <summary>Makes a call, or fails at once.</summary>
    /// <typeparam name="TState">What the call is given.</typeparam>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="call">The call. Any exception is a failure but a cancellation by the caller and a server's ERROR answer.</param>
    /// <param name="state">What the call is given.</param>
    /// <param name="cancellationToken">Handed to the call.</param>
    /// <exception cref="ProtocolClientException">
    /// <see cref="ProtocolErrorKind.BreakerOpen"/>: no call was made, <see cref="ProtocolClientException.RetryAfter"/> says when the next trial is.
    /// </exception>
    public async ValueTask<T> ExecuteAsync<TState, T>(
        Func<TState, CancellationToken, ValueTask<T>> call, TState state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (_state != BreakerState.Closed)
        {
            return await TryAsync(call, state, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            var result = await call(state, cancellationToken).ConfigureAwait(false);
            Succeeded();
            return result;
        }
        catch (Exception e)
        {
            Failed(e);
            throw;
        }
    }

    /// <summary>Opens it until <see cref="ResetAsync"/>: calls fail at once.</summary>
    public async Task IsolateAsync(CancellationToken cancellationToken = default)
    {
        await _polly.IsolateAsync(cancellationToken).ConfigureAwait(false);
        Refresh("isolated by hand");
    }

    /// <summary>Closes it and begins its count anew.</summary>
    public async Task ResetAsync(CancellationToken cancellationToken = default)
    {
        await _polly.CloseAsync(cancellationToken).ConfigureAwait(false);
        _failures = 0;
        Refresh("reset by hand");
    }

    /// <summary>
    /// A call that goes out though it is open, for one who calls seldom and of his own accord: it does not wait until a trial is due.
    /// Its failure counts as any, but its success is one against failures of its kind alone: a server that takes connections need not
    /// answer.
    /// </summary>
    internal async ValueTask<T> ProbeAsync<TState, T>(
        Func<TState, CancellationToken, ValueTask<T>> call, TState state, CancellationToken cancellationToken)
    {
        try
        {
            if (_state == BreakerState.Open && Permits && _probeFailed)
            {
                return await TryAsync(call, state, cancellationToken).ConfigureAwait(false);
            }

            var result = await call(state, cancellationToken).ConfigureAwait(false);
            ForgetFailedProbes();
            return result;
        }
        catch (Exception e) when (IsFailure(e))
        {
            Failed(e);
            _probeFailed = true;
            throw;
        }
    }

    private void ForgetFailedProbes()
    {
        lock (_lock)
        {
            if (!_probeFailed || _state is BreakerState.Isolated or BreakerState.HalfOpen)
            {
                return;
            }

            _polly.BeginAnew();
            _failures = 0;
        }

        Refresh("the server answers again");
    }

    /// <summary>A call that was made while closed has succeeded.</summary>
    internal void Succeeded()
    {
        if (_failures != 0)
        {
            BeginAnew();
        }
    }

    /// <summary>A call that was made while closed has failed.</summary>
    internal void Failed(Exception error)
    {
        if (!IsFailure(error))
        {
            if (IsAnswer(error))
            {
                Succeeded();
            }

            return;
        }

        lock (_lock)
        {
            if (_state == BreakerState.Closed)
            {
                Note(error);
                _polly.CountFailure(error);
            }
        }

        Refresh(error.Message);
    }

    /// <summary>The error of a call that is not made.</summary>
    internal ProtocolClientException CreateOpenError() => new(
        ProtocolErrorKind.BreakerOpen,
        _state == BreakerState.Isolated ? $"The circuit breaker {Name} was isolated by hand."
            : $"The circuit breaker {Name} is open after {_failures} failures in a row, the next trial is in {Math.Ceiling(RetryAfter?.TotalSeconds ?? 0)} s: {LastError?.Message}",
        LastError)
    {
        RetryAfter = RetryAfter < ShortestRetryAfter ? ShortestRetryAfter : RetryAfter,
    };

    // A server that answers with ERROR works, and so does one that answers nothing to one request and then goes on.
    private static bool IsAnswer(Exception error) => error is ProtocolClientException e && (e.Kind == ProtocolErrorKind.Remote || e.IsUnanswered);

    private static bool IsFailure(Exception error) => error switch
    {
        OperationCanceledException => false,
        ProtocolClientException e => !e.IsRepeated && !e.IsGoodbye
            && !IsAnswer(e) && e.Kind is not (ProtocolErrorKind.BreakerOpen or ProtocolErrorKind.PoolExhausted),
        _ => true,
    };

    private async ValueTask<T> TryAsync<TState, T>(
        Func<TState, CancellationToken, ValueTask<T>> call, TState state, CancellationToken cancellationToken)
    {
        try
        {
            var result = await _polly.ExecuteAsync(
                static (s, token) =>
                {
                    s.Breaker.Refresh("a trial is under way");
                    return s.Call(s.State, token);
                },
                (Breaker: this, Call: call, State: state),
                cancellationToken).ConfigureAwait(false);
            EndTrial();
            return result;
        }
        catch (BrokenCircuitException)
        {
            throw CreateOpenError();
        }
        catch (Exception e)
        {
            if (IsFailure(e))
            {
                Note(e);
            }
            else if (e is ProtocolClientException { WasNeverSent: true } or ProtocolClientException { IsGoodbye: true })
            {
                _probeFailed = true; // it has shown nothing but that there was no connection: the next one closes
            }

            Refresh(e.Message);
            throw;
        }
    }

    private void EndTrial()
    {
        lock (_lock)
        {
            if (_polly.State == BreakerState.Closed)
            {
                _failures = 0;
                _polly.BeginAnew(); // someone may have reset it meanwhile, and then Polly has counted a success
            }
        }

        Refresh("the trial succeeded");
    }

    private void Note(Exception error)
    {
        LastError = error;
        _probeFailed = false;
        Interlocked.Increment(ref _failures);
    }

    private void BeginAnew()
    {
        lock (_lock)
        {
            if (_state == BreakerState.Closed)
            {
                _failures = 0;
                _polly.BeginAnew();
            }
        }
    }

    private void Refresh(string reason)
    {
        BreakerTransition? transition = null;
        lock (_lock)
        {
            var state = _polly.State;
            if (state != _state)
            {
                transition = new BreakerTransition(_time.GetUtcNow(), _state, state, reason);
                Volatile.Write(ref _opened, _time.GetTimestamp());
                _state = state;
                _history.Enqueue(transition);
                if (_history.Count > HistoryCapacity)
                {
                    _history.Dequeue();
                }
            }
        }

        if (transition is not null)
        {
            ClientTelemetry.BreakerChanged(this, transition);
            Notification.Send(Changed, this, transition);
        }
    }
}
