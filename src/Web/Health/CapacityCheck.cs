using Microsoft.Extensions.Diagnostics.HealthChecks;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Web.Health;

/// <summary>Healthy while the server would accept one more connection.</summary>
internal sealed class CapacityCheck(ConnectionRegistry registry) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(registry.IsFull ? HealthCheckResult.Unhealthy("Full") : HealthCheckResult.Healthy($"{registry.Count} connections"));
}
