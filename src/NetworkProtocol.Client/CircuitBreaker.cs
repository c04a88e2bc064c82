using NetworkProtocol.Client.Breakers;
using NetworkProtocol.Client.Diagnostics;
using NetworkProtocol.Client.Validation;
using Polly.CircuitBreaker;

namespace NetworkProtocol.Client;

/// <summary>
/// Stops calls to something that does not work. After <see cref="BreakerOptions.FailureThreshold"/> failures in a row the breaker opens,
/// and calls fail at once. After <see cref="BreakerOptions.BreakDuration"/> one trial call goes out: its success closes the breaker, its
/// failure opens it again. Any number of threads may use one breaker.
/// </summary>
/// <remarks>Polly decides (<see cref="PollyBreaker"/>). While there are no failures, a call costs next to nothing here.</remarks>
public sealed class CircuitBreaker
{
    /// <summary>
    /// The shortest wait that a refused caller is told. While a trial is under way, nobody knows when the next one is due, and callers
    /// that retry at once would take the processor from the trial.
    /// </summary>
    private static readonly TimeSpan ShortestRetryAfter = TimeSpan.FromMilliseconds(100);

    private readonly PollyBreaker _polly;
    private readonly BreakerStateRecord _record;
    private readonly Lock _lock = new();
    private volatile int _failures;
    private volatile bool _probeCloses; // whether the next probe that succeeds closes the breaker

    /// <summary>Makes a closed breaker.</summary>
    /// <param name="name">The name in metrics, logs and lists.</param>
    /// <param name="options">When the breaker opens, and for how long. Later changes have no effect. Default null: the defaults.</param>
    /// <param name="time">The clock. Default null: the system's.</param>
    /// <exception cref="ArgumentException">The name is null or empty, or an option is out of its range.</exception>
    public CircuitBreaker(string name, BreakerOptions? options = null, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        options = (options ?? new BreakerOptions()).Copy();
        OptionsCheck.ThrowIfBad(options.Check);
        time ??= TimeProvider.System;
        _polly = new PollyBreaker(options, time, error => !FailureClassifier.ShowsWorkingServer(error));
        _record = new BreakerStateRecord(time, options.BreakDuration);
    }

    /// <summary>
    /// Raised after each change, on the thread that caused the change: a handler should return quickly. Exceptions of a handler are
    /// ignored.
    /// </summary>
    public event EventHandler<BreakerTransition>? Changed;

    /// <summary>The name in metrics, logs and lists.</summary>
    public string Name { get; }

    /// <summary>The present state.</summary>
    public BreakerState State => _record.State;

    /// <summary>Failures since the last success.</summary>
    public int ConsecutiveFailures => _failures;

    /// <summary>
    /// The time until the next trial: zero if a trial is due or under way, null if the breaker is closed or isolated.
    /// </summary>
    public TimeSpan? RetryAfter => _record.RetryAfter;

    /// <summary>The exception of the last failure, or null if there was none.</summary>
    public Exception? LastError { get; private set; }

    /// <summary>The last 100 changes, the oldest first.</summary>
    public IReadOnlyList<BreakerTransition> History => _record.History;

    /// <summary>Whether a call would be made now: the breaker is closed, or a trial is due.</summary>
    internal bool Permits => State == BreakerState.Closed || (State == BreakerState.Open && RetryAfter == TimeSpan.Zero);

    /// <summary>Makes a call, or fails at once.</summary>
    /// <typeparam name="TState">The type of the call's argument.</typeparam>
    /// <typeparam name="T">The type of the call's result.</typeparam>
    /// <param name="call">
    /// The call. Each exception is a failure, except a cancellation, a server's ERROR answer and a server's Disconnect.
    /// </param>
    /// <param name="state">The call's argument.</param>
    /// <param name="cancellationToken">Handed to the call.</param>
    /// <returns>The call's result.</returns>
    /// <exception cref="ProtocolClientException">
    /// <see cref="ProtocolErrorKind.BreakerOpen"/>: no call was made, and <see cref="ProtocolClientException.RetryAfter"/> tells when to
    /// try again. Exceptions of the call come through unchanged.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="call"/> is null.</exception>
    public async ValueTask<T> ExecuteAsync<TState, T>(
        Func<TState, CancellationToken, ValueTask<T>> call, TState state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (State != BreakerState.Closed)
        {
            return await RunTrialAsync(call, state, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Opens the breaker until <see cref="ResetAsync"/>: all calls fail at once, and no trial goes out.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task IsolateAsync(CancellationToken cancellationToken = default)
    {
        await _polly.IsolateAsync(cancellationToken).ConfigureAwait(false);
        PublishState("isolated by hand");
    }

    /// <summary>Closes the breaker and sets <see cref="ConsecutiveFailures"/> to zero.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task ResetAsync(CancellationToken cancellationToken = default)
    {
        await _polly.CloseAsync(cancellationToken).ConfigureAwait(false);
        _failures = 0;
        PublishState("reset by hand");
    }

    /// <summary>
    /// Makes a call also while the breaker is open, without waiting until a trial is due. This is for a caller that calls seldom and at
    /// times of its own choice, such as the loop that connects. A failed probe counts like any failure. A successful probe only
    /// makes up for failed probes, because a server that accepts connections does not necessarily answer requests.
    /// </summary>
    internal async ValueTask<T> ProbeAsync<TState, T>(
        Func<TState, CancellationToken, ValueTask<T>> call, TState state, CancellationToken cancellationToken)
    {
        try
        {
            if (State == BreakerState.Open && Permits && _probeCloses)
            {
                return await RunTrialAsync(call, state, cancellationToken).ConfigureAwait(false);
            }

            var result = await call(state, cancellationToken).ConfigureAwait(false);
            CloseIfProbesFailed();
            return result;
        }
        catch (Exception e) when (FailureClassifier.IsFailure(e))
        {
            Failed(e);
            _probeCloses = true;
            throw;
        }
    }

    /// <summary>Records the success of a call that was made while the breaker was closed.</summary>
    internal void Succeeded()
    {
        if (_failures != 0)
        {
            ResetFailures();
        }
    }

    /// <summary>Records the exception of a call that was made while the breaker was closed.</summary>
    internal void Failed(Exception error)
    {
        if (!FailureClassifier.IsFailure(error))
        {
            if (FailureClassifier.ShowsWorkingServer(error))
            {
                Succeeded();
            }

            return;
        }

        lock (_lock)
        {
            if (State == BreakerState.Closed)
            {
                RecordFailure(error);
                _polly.CountFailure(error);
            }
        }

        PublishState(error.Message);
    }

    /// <summary>Creates the exception of a call that is not made.</summary>
    internal ProtocolClientException CreateOpenError() => new(
        ProtocolErrorKind.BreakerOpen,
        State == BreakerState.Isolated
            ? $"The circuit breaker {Name} was isolated by hand."
            : $"The circuit breaker {Name} is open after {_failures} failures in a row. "
                + $"The next trial is in {Math.Ceiling(RetryAfter?.TotalSeconds ?? 0)} s. The last failure: {LastError?.Message}",
        LastError)
    {
        RetryAfter = RetryAfter < ShortestRetryAfter ? ShortestRetryAfter : RetryAfter,
    };

    private async ValueTask<T> RunTrialAsync<TState, T>(
        Func<TState, CancellationToken, ValueTask<T>> call, TState state, CancellationToken cancellationToken)
    {
        try
        {
            var result = await _polly.ExecuteAsync(
                static (s, token) =>
                {
                    s.Breaker.PublishState("a trial is under way");
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
            if (FailureClassifier.IsFailure(e))
            {
                RecordFailure(e);
            }
            else if (e is ProtocolClientException { WasNeverSent: true } or ProtocolClientException { IsDisconnect: true })
            {
                _probeCloses = true; // the trial only showed that the connection was gone, so the next connection may close the breaker
            }

            PublishState(e.Message);
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
                _polly.ResetFailures(); // if someone reset the breaker during the trial, Polly has counted the trial as a success
            }
        }

        PublishState("the trial succeeded");
    }

    private void CloseIfProbesFailed()
    {
        lock (_lock)
        {
            if (!_probeCloses || State is BreakerState.Isolated or BreakerState.HalfOpen)
            {
                return;
            }

            _polly.ResetFailures();
            _failures = 0;
        }

        PublishState("a connection to the server was made again");
    }

    private void RecordFailure(Exception error)
    {
        LastError = error;
        _probeCloses = false;
        Interlocked.Increment(ref _failures);
    }

    private void ResetFailures()
    {
        lock (_lock)
        {
            if (State == BreakerState.Closed)
            {
                _failures = 0;
                _polly.ResetFailures();
            }
        }
    }

    /// <summary>Takes over Polly's state, and tells everyone if it has changed.</summary>
    private void PublishState(string reason)
    {
        BreakerTransition? transition;
        lock (_lock)
        {
            transition = _record.Update(_polly.State, reason); // under the lock, so that an older state never replaces a newer one
        }

        if (transition is not null)
        {
            ClientTelemetry.BreakerChanged(this, transition);
            SafeEvent.Raise(Changed, this, transition);
        }
    }
}
