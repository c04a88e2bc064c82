using Microsoft.Extensions.Diagnostics.HealthChecks;
using NetworkProtocol.Server;

namespace NetworkProtocol.Web.Health;

/// <summary>Healthy from the end of the start until a drain or the stop begins.</summary>
internal sealed class ServingCheck(ServerState state) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(state.Phase == ServerPhase.Serving
            ? HealthCheckResult.Healthy("Serving")
            : HealthCheckResult.Unhealthy(state.Phase.ToString()));
}
