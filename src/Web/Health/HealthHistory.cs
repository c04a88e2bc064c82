using Microsoft.Extensions.Diagnostics.HealthChecks;
using NetworkProtocol.Web.Admin.Api;

namespace NetworkProtocol.Web.Health;

/// <summary>A check, its last result and how it got there.</summary>
internal sealed record CheckRow(
    [property: Field("The name of the check.", "certificates")] string Name,
    [property: Field("healthy, degraded or unhealthy.", "healthy")] string Status,
    [property: Field("Why the check has this status; empty while there is nothing to say.", "server: 60 days left")] string Reason,
    [property: Field("How long the last run took, in milliseconds.", 0.12)] double DurationMilliseconds,
    [property: Field("When the check last ran.", "2026-01-31T12:00:00+00:00")] DateTimeOffset At,
    [property: Field("The last changes of the status, the newest first.")] IReadOnlyList<CheckChange> History);

/// <summary>A change of a check's status.</summary>
internal sealed record CheckChange(
    [property: Field("When the status changed.", "2026-01-31T12:00:00+00:00")] DateTimeOffset At,
    [property: Field("The status after the change: healthy, degraded or unhealthy.", "degraded")] string Status,
    [property: Field("Why the status changed.", "server: 6 days left")] string Reason);

/// <summary>Runs every check at an interval and remembers each one's changes.</summary>
internal sealed class HealthHistory(TimeProvider time, ILogger<HealthHistory> logger) : IHealthCheckPublisher
{
    public const int ChangesKept = 50;

    private readonly Dictionary<string, CheckRow> _checks = [];
    private readonly Lock _lock = new();

    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(5);

    /// <summary>All checks, the worst first.</summary>
    public IReadOnlyList<CheckRow> Checks
    {
        get
        {
            lock (_lock)
            {
                return [.. _checks.Values.OrderBy(check => Enum.Parse<HealthStatus>(check.Status, ignoreCase: true)).ThenBy(check => check.Name)];
            }
        }
    }

    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            foreach (var (name, entry) in report.Entries)
            {
                var (status, reason) = (Name(entry.Status), entry.Description ?? entry.Exception?.Message ?? "");
                var history = _checks.TryGetValue(name, out var before) ? before.History : [];
                if (before?.Status != status)
                {
                    HealthLog.Changed(logger, entry.Status == HealthStatus.Healthy ? LogLevel.Information : LogLevel.Warning, name, status, reason);
                    history = [new CheckChange(now, status, reason), .. history.Take(ChangesKept - 1)];
                }

                _checks[name] = new CheckRow(name, status, reason, Math.Round(entry.Duration.TotalMilliseconds, 2), now, history);
            }
        }

        return Task.CompletedTask;
    }

    private static string Name(HealthStatus status) => status.ToString().ToLowerInvariant();
}

internal static partial class HealthLog
{
    [LoggerMessage(EventId = 120, Message = "Check {Name} is {Status}: {Reason}", EventName = "HealthChanged")]
    public static partial void Changed(ILogger logger, LogLevel level, string name, string status, string reason);
}
