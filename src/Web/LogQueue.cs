using NetworkProtocol.Web.Node;
using Prometheus;
using Serilog.Core;
using Serilog.Events;

namespace NetworkProtocol.Web;

/// <summary>
/// A bounded queue with its own thread in front of one output of the log, so that code that logs never waits for a pipe that nobody reads
/// or for a disk that hangs. When the queue is full, new events are dropped and counted. Once the output has written the queued events, it
/// writes a notice with the number of dropped events.
/// </summary>
internal sealed class LogQueue : ILogEventSink, IDisposable
{
    /// <summary>The limit of queued events.</summary>
    public const int Capacity = 10_000;

    private const string Metric = "log_events_dropped_total";

    /// <summary>How long the end of the program waits for the queued events.</summary>
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
    private int _unwritten; // added to _missing once the output works again: before that, the notice would fail, too
    private bool _isEnding;

    /// <param name="name">The output's name in the metric.</param>
    /// <param name="output">The output that writes the events.</param>
    /// <param name="onFailure">Called for each failed write.</param>
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

    /// <summary>Queues another write to the same output, so that the order is kept.</summary>
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

    /// <summary>Waits until the queued events are written, but no longer than <see cref="FlushTime"/>.</summary>
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

    /// <summary>Waits for the next write; null at the end.</summary>
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

            var (missing, notice) = (_missing, DroppedEventsNotice.Create(_missing, _time.GetLocalNow()));
            _missing = 0;
            return (() => _output.Emit(notice), missing, true);
        }
    }
}
