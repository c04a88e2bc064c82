using Microsoft.Extensions.Diagnostics.HealthChecks;
using Prometheus;

namespace NetworkProtocol.Web.Telemetry;

/// <summary>Shows the results of the health checks in <c>/metrics</c>, each time that the framework has run them.</summary>
internal sealed class HealthGauge(CollectorRegistry registry) : IHealthCheckPublisher
{
    private readonly Gauge _status = Metrics.WithCustomRegistry(registry).CreateGauge(
        "health_status", "The result of a health check: 0 unhealthy, 1 degraded, 2 healthy.", "name");

    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        foreach (var (name, entry) in report.Entries)
        {
            _status.WithLabels(name).Set((int)entry.Status);
        }

        return Task.CompletedTask;
    }
}
