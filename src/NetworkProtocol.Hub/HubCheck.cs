using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NetworkProtocol.Hub;

/// <summary>
/// Unhealthy while the hub cannot store; degraded while it stores slowly. All who ask share one probe of the store, which goes on when they
/// have their answer: a store that is slow to answer must not make the node's answer late.
/// </summary>
internal sealed class HubCheck(IHubStore store, HubMetrics metrics, TimeProvider time) : IHealthCheck
{
    /// <summary>
    /// How long a request waits for the probe; then it gets the result of the last one. A load balancer that waits 1 s for an answer would
    /// take the node for dead.
    /// </summary>
    public static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a probe may take. Then it is cancelled, and the store counts as one that cannot store.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>A transaction that takes this long is reported: edges wait for it. The alert has the same limit.</summary>
    public static readonly TimeSpan SlowCommit = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task<HealthCheckResult>? _probe;
    private HealthCheckResult? _last;
    private long _began;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (probe, began, last) = Begin();
        try
        {
            return await probe.WaitAsync(Wait, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            var took = time.GetElapsedTime(began);
            return took < Limit && last is { } known ? known : Late(took);
        }
    }

    private static HealthCheckResult Late(TimeSpan took) =>
        HealthCheckResult.Unhealthy($"The store has not answered for {took.TotalSeconds:0.#} s.");

    private (Task<HealthCheckResult> Probe, long Began, HealthCheckResult? Last) Begin()
    {
        lock (_lock)
        {
            if (_probe is null or { IsCompleted: true })
            {
                _last = _probe is { IsCompletedSuccessfully: true } ? _probe.Result : null; // the probe has ended, so Result does not block
                _began = time.GetTimestamp();
                _probe = Task.Run(ProbeAsync, CancellationToken.None); // a store may do much before its first wait
            }

            return (_probe, _began, _last);
        }
    }

    private async Task<HealthCheckResult> ProbeAsync()
    {
        using var limit = new CancellationTokenSource(Limit, time);
        try
        {
            await store.CheckAsync(limit.Token);
            return metrics.LastCommitTook is var took && took >= SlowCommit
                ? HealthCheckResult.Degraded($"The last commit took {took.TotalSeconds:0.0} s, and edges wait as long: the store is slow")
                : HealthCheckResult.Healthy("The store works");
        }
        catch (HubStoreException e)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return Late(Limit);
        }
    }
}
