using Microsoft.Extensions.Diagnostics.HealthChecks;
using NetworkProtocol.Admin;
using NetworkProtocol.Server.Tls;
using NetworkProtocol.Web.Audit;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web.Health;

/// <summary>Whether certificates are good for long enough, and whether their last reload went well.</summary>
internal sealed class CertificateCheck(CertificateStores certificates, TimeProvider time) : IHealthCheck
{
    public const int DaysToWarn = 14;
    public const int DaysToAlarm = 3;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var stores = certificates.InUse;
        var least = stores.Select(store => Rows.DaysLeft(store, time.GetUtcNow())).DefaultIfEmpty(int.MaxValue).Min();
        var problem = stores.Select(store => store.LastLoad?.Problem).OfType<string>().FirstOrDefault();
        var text = stores.Count == 0 ? "No certificate is in use."
            : string.Join(" ", [$"{least} days left.", .. stores.SelectMany(store => store.Warnings)]);
        var isDoubtful = least < DaysToWarn || stores.Any(store => store.Warnings.Count > 0);
        return Task.FromResult(
            least < DaysToAlarm ? HealthCheckResult.Unhealthy(text)
            : problem is not null ? HealthCheckResult.Degraded(problem)
            : isDoubtful ? HealthCheckResult.Degraded(text)
            : HealthCheckResult.Healthy(text));
    }
}

/// <summary>Whether what operators do can be written down.</summary>
internal sealed class AuditCheck(AuditLog audit) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(audit.Problem is { } problem ? HealthCheckResult.Unhealthy(problem)
            : audit.RotationProblem is { } rotation ? HealthCheckResult.Degraded($"The audit log continues in its full file, because a new file cannot be created: {rotation}")
            : HealthCheckResult.Healthy(audit.Path));
}
