using NetworkProtocol.Web.Node;
using Prometheus;
using Serilog.Core;
using Serilog.Events;

namespace NetworkProtocol.Web;

/// <summary>
/// One output of the log behind a queue with a thread of its own: whoever logs never waits for a pipe that nobody reads or for a disk
/// that hangs. When the queue is full, what comes is dropped and counted, and the output tells how much once it has taken the rest.
/// </summary>
internal sealed class LogQueue : ILogEventSink, IDisposable
{
    /// <summary>How many events wait at most.</summary>
    public const int Capacity = 10_000;

    private const string Metric = "log_events_dropped_total";

    /// <summary>How long the end of the program waits for what is queued.</summary>
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(2);

    private static readonly Counter Dropped = Metrics.CreateCounter(
        Metric, "Events that an output of the log lacks, because it was not read, or not written, in time.", "output");

    private readonly object _lock = new();
    private readonly Queue<Action> _waiting = new();
    private readonly ILogEventSink _output;
    private readonly Action<Exception> _onFailure;
    private readonly TimeProvider _time;
    private readonly Counter.Child _dropped;
    private readonly Thread _writer;
    private int _missing;
    private int _unwritten; // becomes part of what is missing once the output works again, or the notice would fail, too
    private bool _isEnding;

    /// <param name="name">The output's name for the metric.</param>
    /// <param name="output">What writes.</param>
    /// <param name="onFailure">Is told of each write that fails.</param>
    /// <param name="time">The clock.</param>
    public LogQueue(string name, ILogEventSink output, Action<Exception> onFailure, TimeProvider time)
    {
        (_output, _onFailure, _time) = (output, onFailure, time);
        _dropped = Dropped.WithLabels(name);
        _writer = new Thread(WriteAll) { IsBackground = true, Name = $"log to {name}" };
        _writer.Start();
    }

    /// <inheritdoc/>
    public void Emit(LogEvent logEvent) => Enqueue(() => _output.Emit(logEvent));

    /// <summary>Queues what writes to the same output, so that the order stays.</summary>
    public void Enqueue(Action write)
    {
        lock (_lock)
        {
            if (_waiting.Count == Capacity || _isEnding)
            {
                _missing++;
                _dropped.Inc();
                return;
            }

            _waiting.Enqueue(write);
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Waits for what is queued, but no longer than <see cref="FlushTime"/>.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isEnding = true;
            Monitor.Pulse(_lock);
        }

        if (_writer.Join(FlushTime))
        {
            (_output as IDisposable)?.Dispose();
        }
    }

    private void WriteAll()
    {
        while (Take() is { } write)
        {
            var lost = 0;
            try
            {
                write.Act();
            }
            catch (Exception e)
            {
                lost = write.Events;
                _dropped.Inc(write.IsNotice ? 0 : lost);
                _onFailure(e);
            }

            lock (_lock)
            {
                (_missing, _unwritten) = lost == 0 ? (_missing + _unwritten, 0) : (_missing, _unwritten + lost);
            }
        }
    }

    /// <summary>What to do next; null at the end.</summary>
    private (Action Act, int Events, bool IsNotice)? Take()
    {
        lock (_lock)
        {
            while (_waiting.Count == 0 && _missing == 0 && !_isEnding)
            {
                Monitor.Wait(_lock);
            }

            if (_waiting.TryDequeue(out var next))
            {
                return (next, 1, false);
            }

            if (_missing == 0)
            {
                return null;
            }

            var (missing, notice) = (_missing, Missing.Describe(_missing, _time.GetLocalNow()));
            _missing = 0;
            return (() => _output.Emit(notice), missing, true);
        }
    }
}
