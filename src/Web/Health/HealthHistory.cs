using Microsoft.Extensions.Diagnostics.HealthChecks;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web.Health;

/// <summary>
/// Records the results of the health checks, which the framework runs at an interval, and logs each change of a check's status.
/// </summary>
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
                return
                [
                    .. _checks.Values
                        .OrderBy(check => Enum.Parse<HealthStatus>(check.Status, ignoreCase: true))
                        .ThenBy(check => check.Name),
                ];
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
                    var level = entry.Status == HealthStatus.Healthy ? LogLevel.Information : LogLevel.Warning;
                    HealthLog.Changed(logger, level, name, status, reason);
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
