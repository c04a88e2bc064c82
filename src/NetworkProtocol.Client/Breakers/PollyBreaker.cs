using Polly;
using Polly.CircuitBreaker;

namespace NetworkProtocol.Client;

/// <summary>
/// Polly's circuit breaker, made to count failures in a row: its strategy counts their share in a time, so successes are not told to
/// it, and the first one after failures begins its count anew.
/// </summary>
internal sealed class PollyBreaker
{
    /// <summary>Failures further apart are not in a row: Polly's longest.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    private readonly CircuitBreakerStateProvider _state = new();
    private readonly CircuitBreakerManualControl _control = new();
    private readonly ResiliencePipeline _pipeline;

    public PollyBreaker(BreakerOptions options, TimeProvider time, Func<Exception, bool> isFailureOfTrial) =>
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = new SteadyTime(time) }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = 1,
                MinimumThroughput = options.FailureThreshold,
                SamplingDuration = Memory,
                BreakDuration = options.BreakDuration,

                // A trial that its caller gives up has shown nothing: it must not close the breaker.
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

    /// <exception cref="BrokenCircuitException">It is open, and this call is not the trial.</exception>
    public ValueTask<T> ExecuteAsync<TState, T>(
        Func<TState, CancellationToken, ValueTask<T>> call, TState state, CancellationToken cancellationToken) =>
        _pipeline.ExecuteAsync(call, state, cancellationToken);

    /// <summary>One more failure in a row. Nothing is awaited: Polly has no callbacks to wait for, so it is done when the call returns.</summary>
    public void CountFailure(Exception error)
    {
        var context = ResilienceContextPool.Shared.Get();
        _ = _pipeline.ExecuteOutcomeAsync(
            static (_, e) => new ValueTask<Outcome<bool>>(Outcome.FromException<bool>(e)), context, error).AsTask();
        ResilienceContextPool.Shared.Return(context);
    }

    /// <summary>A success ends the row; done when the call returns, likewise.</summary>
    public void BeginAnew() => _ = _control.CloseAsync();

    public Task IsolateAsync(CancellationToken cancellationToken) => _control.IsolateAsync(cancellationToken);

    public Task CloseAsync(CancellationToken cancellationToken) => _control.CloseAsync(cancellationToken);
}
