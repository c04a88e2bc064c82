using Polly;
using Polly.CircuitBreaker;

namespace NetworkProtocol.Client.Breakers;

/// <summary>
/// Polly's circuit breaker, made to count failures in a row. Polly's strategy opens at a share of failures within a period. So this
/// class reports only failures, which makes the share 100 %, and the first success after failures restarts Polly's count.
/// </summary>
internal sealed class PollyBreaker
{
    /// <summary>Polly's longest period: failures that are further apart do not count as failures in a row.</summary>
    private static readonly TimeSpan SamplingDuration = TimeSpan.FromDays(1);

    private readonly CircuitBreakerStateProvider _state = new();
    private readonly CircuitBreakerManualControl _control = new();
    private readonly ResiliencePipeline _pipeline;

    /// <param name="options">Checked by the caller.</param>
    /// <param name="time">The clock.</param>
    /// <param name="isFailureOfTrial">Whether the exception of a trial leaves the breaker open.</param>
    public PollyBreaker(BreakerOptions options, TimeProvider time, Func<Exception, bool> isFailureOfTrial) =>
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = new SteadyTime(time) }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = 1,
                MinimumThroughput = options.FailureThreshold,
                SamplingDuration = SamplingDuration,
                BreakDuration = options.BreakDuration,

                // A trial that its caller cancels proves nothing, so it must not close the breaker.
                ShouldHandle = arguments => new(arguments.Outcome.Exception is { } e && isFailureOfTrial(e)),
                StateProvider = _state,
                ManualControl = _control,
            })
            .Build();

    public BreakerState State => _state.CircuitState switch
    {
        CircuitState.Closed => BreakerState.Closed,
        CircuitState.HalfOpen => BreakerState.HalfOpen,
        CircuitState.Isolated => BreakerState.Isolated,
        _ => BreakerState.Open,
    };

    /// <summary>Makes a call through Polly, as a trial if one is due.</summary>
    /// <exception cref="BrokenCircuitException">The breaker is open, and this call is not the trial.</exception>
    public ValueTask<T> ExecuteAsync<TState, T>(
        Func<TState, CancellationToken, ValueTask<T>> call, TState state, CancellationToken cancellationToken) =>
        _pipeline.ExecuteAsync(call, state, cancellationToken);

    /// <summary>
    /// Counts one more failure in a row. Polly has no callbacks to wait for, so its task is complete when this method returns, and
    /// nothing awaits it.
    /// </summary>
    public void CountFailure(Exception error)
    {
        var context = ResilienceContextPool.Shared.Get();
        _ = _pipeline.ExecuteOutcomeAsync(
            static (_, e) => new ValueTask<Outcome<bool>>(Outcome.FromException<bool>(e)), context, error).AsTask();
        ResilienceContextPool.Shared.Return(context);
    }

    /// <summary>Sets the count of failures to zero. As in <see cref="CountFailure"/>, Polly is done when this method returns.</summary>
    public void ResetFailures() => _ = _control.CloseAsync();

    public Task IsolateAsync(CancellationToken cancellationToken) => _control.IsolateAsync(cancellationToken);

    public Task CloseAsync(CancellationToken cancellationToken) => _control.CloseAsync(cancellationToken);
}
