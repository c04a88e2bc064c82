using Microsoft.Extensions.Diagnostics.HealthChecks;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Web.Health;

/// <summary>Healthy when a new connection would be served.</summary>
internal sealed class ReadyCheck(ServerState state, ConnectionRegistry registry) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(state.Phase != ServerPhase.Serving ? HealthCheckResult.Unhealthy(state.Phase.ToString())
            : registry.IsFull ? HealthCheckResult.Unhealthy("Full")
            : HealthCheckResult.Healthy("Serving"));
}
