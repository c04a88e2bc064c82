using NetworkProtocol.Web.Systemd;
using Prometheus;
using Serilog.Debugging;

namespace NetworkProtocol.Web;

/// <summary>
/// Reports events that could not be written to the log file, for example because the disk is full: by a counter for Prometheus, and by at
/// most one line a minute on standard error.
/// </summary>
internal sealed class LogFailures(TimeProvider time, Func<string, Task> report)
{
    private const string Name = "log_write_failures_total";
    private const string Error = "<3>";

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Counter _failures = Metrics.CreateCounter(Name, "Events that could not be written to the log file.");
    private readonly Lock _lock = new();
    private Task _reporting = Task.CompletedTask;
    private long? _reportedAt;

    /// <summary>Subscribes to Serilog's self-log, the only place where Serilog reports its own errors.</summary>
    public static void Listen()
    {
        Task WriteAsync(string line) => Task.Run(() => ConsoleLine.TryWriteAsync(Console.Error, line));
        SelfLog.Enable(new LogFailures(TimeProvider.System, WriteAsync).Report);
    }

    internal void Report(string problem)
    {
        _failures.Inc();
        lock (_lock)
        {
            // Standard error may be a pipe that nobody reads: then the first line never completes, and no further line is written.
            if (!_reporting.IsCompleted || (_reportedAt is { } last && time.GetElapsedTime(last) < Interval))
            {
                return;
            }

            _reportedAt = time.GetTimestamp();
            _reporting = report(
                $"{(JournalFormatter.IsWanted ? Error : "")}The log file cannot be written; {Name} counts the missing events: "
                    + problem.ReplaceLineEndings(" "));
        }
    }
}
