using Microsoft.Extensions.Diagnostics.HealthChecks;
using NetworkProtocol.Server.Tls;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web.Health;

/// <summary>Degraded or unhealthy when a certificate expires soon, has a warning, or could not be reloaded.</summary>
internal sealed class CertificateCheck(CertificateStores certificates, TimeProvider time) : IHealthCheck
{
    public const int DaysToWarn = 14;
    public const int DaysToAlarm = 3;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var stores = certificates.InUse;
        var least = stores.Select(store => RowFactory.DaysLeft(store, time.GetUtcNow())).DefaultIfEmpty(int.MaxValue).Min();
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
