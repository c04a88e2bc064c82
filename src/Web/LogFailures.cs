using NetworkProtocol.Web.Systemd;
using Prometheus;
using Serilog.Debugging;

namespace NetworkProtocol.Web;

/// <summary>Events that could not be written to the log file, as when its disk is full: a counter for Prometheus, and a line a minute for the journal.</summary>
internal sealed class LogFailures(TimeProvider time, Func<string, Task> tell)
{
    private const string Name = "log_write_failures_total";
    private const string Error = "<3>";

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Counter _failures = Metrics.CreateCounter(Name, "Events that could not be written to the log file.");
    private readonly Lock _lock = new();
    private Task _telling = Task.CompletedTask;
    private long? _told;

    /// <summary>Hears from Serilog, which says nothing elsewhere.</summary>
    public static void Listen() => SelfLog.Enable(new LogFailures(TimeProvider.System, line => Task.Run(() => Printed.TryWriteAsync(Console.Error, line))).Tell);

    internal void Tell(string problem)
    {
        _failures.Inc();
        lock (_lock)
        {
            // Standard error may be a pipe that nobody reads: then nothing more is told.
            if (!_telling.IsCompleted || (_told is { } last && time.GetElapsedTime(last) < Interval))
            {
                return;
            }

            _told = time.GetTimestamp();
            _telling = tell($"{(JournalFormatter.IsWanted ? Error : "")}The log file cannot be written; {Name} counts the events that it lacks: {problem.ReplaceLineEndings(" ")}");
        }
    }
}
