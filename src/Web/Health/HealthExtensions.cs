using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NetworkProtocol.Web.Health;

/// <summary>Registers the health checks that the console's Health page shows, and their history.</summary>
internal static class HealthExtensions
{
    public static void AddHealthHistory(this IServiceCollection services)
    {
        services.AddSingleton<HealthHistory>();
        services.AddSingleton<IHealthCheckPublisher>(provider => provider.GetRequiredService<HealthHistory>());
        services.Configure<HealthCheckPublisherOptions>(publisher =>
            (publisher.Delay, publisher.Period) = (TimeSpan.FromSeconds(1), HealthHistory.Interval));
        services.AddHealthChecks().AddCheck<CertificateCheck>("certificates").AddCheck<AuditCheck>("audit log");
    }
}
