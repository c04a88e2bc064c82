using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NetworkProtocol.Hub;

/// <summary>Unhealthy while the hub cannot store.</summary>
internal sealed class HubCheck(IHubStore store) : IHealthCheck
{
    /// <summary>How long the check waits for the store. A load balancer that asks for the node's state waits for it.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(4);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await store.CheckAsync(cancellationToken).WaitAsync(Wait, cancellationToken);
            return HealthCheckResult.Healthy("The store works");
        }
        catch (HubStoreException e)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
        catch (TimeoutException)
        {
            return HealthCheckResult.Unhealthy($"The store has not answered for {Wait.TotalSeconds} s.");
        }
    }
}
