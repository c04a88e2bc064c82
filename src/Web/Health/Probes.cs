using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NetworkProtocol.Web.Health;

/// <summary>The probes <c>/health</c>, <c>/ready</c> and <c>/in-service</c>.</summary>
internal static class Probes
{
    private const string ReadyTag = "ready";
    private const string InServiceTag = "in-service";

    public static void AddProbes(this IServiceCollection services) => services.AddHealthChecks()
        .AddCheck<ServingCheck>("protocol", tags: [ReadyTag, InServiceTag])
        .AddCheck<CapacityCheck>("capacity", tags: [ReadyTag]);

    public static void MapProbes(this WebApplication app)
    {
        app.MapHealthChecks("/health", Answer(_ => false, "OK", "NOT_OK")).AllowAnonymous();
        app.MapHealthChecks("/ready", Answer(DecidesReady, "READY", "NOT_READY")).AllowAnonymous();
        app.MapHealthChecks("/in-service", Answer(DecidesInService, "IN_SERVICE", "OUT_OF_SERVICE")).AllowAnonymous();
    }

    /// <summary>Whether a check decides the answer of <c>/ready</c>: would the server serve a new connection?</summary>
    public static bool DecidesReady(HealthCheckRegistration check) => check.Tags.Contains(ReadyTag);

    /// <summary>
    /// Whether a check decides the answer of <c>/in-service</c>: the checks of <c>/ready</c> without the check of the capacity. A full
    /// server still serves all its clients. So a tool that restarts or removes a server, or cuts its connections, must ask
    /// <c>/in-service</c>.
    /// </summary>
    public static bool DecidesInService(HealthCheckRegistration check) => check.Tags.Contains(InServiceTag);

    // The status of the answer is 503 for Unhealthy alone, and its text has to say the same.
    private static HealthCheckOptions Answer(Func<HealthCheckRegistration, bool> checks, string good, string bad) => new()
    {
        Predicate = checks,
        ResponseWriter = (context, report) => context.Response.WriteAsync(report.Status == HealthStatus.Unhealthy ? bad : good),
    };
}
