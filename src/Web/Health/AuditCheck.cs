using Microsoft.Extensions.Diagnostics.HealthChecks;
using NetworkProtocol.Web.Audit;

namespace NetworkProtocol.Web.Health;

/// <summary>Unhealthy while the audit log cannot be written; degraded while a full audit log cannot be rotated.</summary>
internal sealed class AuditCheck(AuditLog audit) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            audit.Problem is { } problem ? HealthCheckResult.Unhealthy(problem)
            : audit.RotationProblem is { } rotation ? HealthCheckResult.Degraded(
                $"The audit log continues in its full file, because a new file cannot be created: {rotation}")
            : HealthCheckResult.Healthy(audit.Path));
}
