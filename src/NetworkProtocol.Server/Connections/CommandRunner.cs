using NetworkProtocol.Messages;
using NetworkProtocol.Security;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Limits;

namespace NetworkProtocol.Server.Connections;

/// <summary>
/// Runs a connection's handlers, one at a time, on the thread pool. While a handler runs the connection's loop is suspended and waits to be
/// woken, so a handler that blocks keeps a thread of the pool, and neither the loop nor its deadlines.
/// The thread that has run a handler then runs the loop, and the next handler when the loop asks for it: no other thread has to wake up
/// for each of many commands that came together.
/// </summary>
internal sealed class CommandRunner(
    SessionOutput output, Connection connection, SecureChannel? channel, BufferShare share, Dispatcher dispatcher,
    TimeProvider time) : IThreadPoolWorkItem
{
    [ThreadStatic]
    private static CommandRunner? _resuming; // the runner whose loop this thread has woken

    [ThreadStatic]
    private static CommandRun? _runHere; // what that loop has asked for

    /// <summary>After so long a thread lets others of the pool's work go first.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(10);

    private static readonly ContextCallback Execute = static run => ((CommandRun)run!).Execute();

    private readonly WakeUp _wakeUp = new();
    private readonly ExecutionContext? _context = ExecutionContext.Capture(); // that of the connection, with its logging scope
    private CommandRun? _run;
    private CommandRun? _overdue;
    private CommandRun? _runOnPool;
    private long _started;
    private bool _isStarted;
    private volatile bool _isLate;

    /// <summary>Takes a command's payload over, to be run next.</summary>
    public void Prepare(Command command, ReadOnlySpan<byte> payload, string? traceParent, long now)
    {
        _started = now;
        _run ??= new CommandRun(dispatcher.CreateContext(connection), dispatcher, this, time);
        _run.Prepare(command, payload, traceParent);
    }

    /// <summary>Whether the answers before the prepared command can wait for its own.</summary>
    public bool IsQuick => _run!.Command.IsQuick;

    /// <summary>Begins the prepared command; false if the connection was aborted.</summary>
    /// <param name="hasWaited">Whether answers were sent before it: that time is not the command's.</param>
    public bool TryBegin(bool hasWaited)
    {
        var run = _run!;
        connection.Runner = this;
        _isStarted = _isLate = false;
        if (hasWaited)
        {
            _started = time.GetTimestamp();
        }

        if (!connection.Request.TryBegin(run.Command.Name, _started, dispatcher.TimeoutOf(run.Command), out var cancellationToken))
        {
            return false;
        }

        run.Begin(cancellationToken);
        StartIfAlone();
        return true;
    }

    /// <summary>
    /// Starts the handler as soon as the one before it has ended. Whether the loop has to wait, with <see cref="WakeUpAsync"/>, and to ask again.
    /// </summary>
    public bool MustWait() => !IsGivenUp && !StartIfAlone().HasEnded;

    /// <summary>Whether the client is to be sent something meanwhile.</summary>
    public bool HasToFlush => !_isStarted || connection.PingDue || _isLate || (_run!.IsPending && !IsQuick);

    /// <summary>Completes when something has happened that the loop has to look at.</summary>
    public ValueTask WakeUpAsync() => _wakeUp.WaitAsync();

    /// <summary>Writes the answer; false if the connection has ended.</summary>
    public bool End()
    {
        var run = _run!;
        GiveUpUnlessEnded(run);
        if (connection.Aborted)
        {
            return false;
        }

        var now = run.HasEnded ? run.EndedAt : time.GetTimestamp();
        if (connection.Request.IsTimedOut) // a handler that heeded its cancellation has ended, without an answer
        {
            if (_isStarted)
            {
                run.Command.NoteDuration(TimeSpan.MaxValue);
            }

            output.Write(dispatcher.TimedOut(run, _isStarted), now);
        }
        else
        {
            run.Command.NoteDuration(time.GetElapsedTime(run.StartedAt, now));
            WriteAnswer(run, now);
        }

        if (run.HasEnded)
        {
            run.Forget();
        }

        connection.EndRequest(now);
        run.Command.Durations.Record(time.GetElapsedTime(_started, now));
        return true;
    }

    /// <summary>Gives up the handler that still runs: the loop has ended.</summary>
    public void GiveUp()
    {
        if (_run is { } run)
        {
            GiveUpUnlessEnded(run);
        }
    }

    /// <summary>Has the loop send the answers that it has kept back because the handler was expected to be quick.</summary>
    public void FlushLate()
    {
        _isLate = true;
        Wake();
    }

    /// <summary>Wakes the loop if it waits for a handler.</summary>
    public void Wake() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    void IThreadPoolWorkItem.Execute()
    {
        var begun = Environment.TickCount64;
        var run = Interlocked.Exchange(ref _runOnPool, null);
        do
        {
            if (run is not null)
            {
                Run(run);
            }

            run = Resume(mayRunNext: Environment.TickCount64 - begun <= Turn.TotalMilliseconds);
        }
        while (run is not null);
    }

    private bool IsGivenUp => connection.Request.IsTimedOut || connection.Aborted;

    // A handler that ignored its cancellation may still run, and the next one must not run beside it.
    private CommandRun StartIfAlone()
    {
        var run = _run!;
        if (!_isStarted && _overdue is null or { HasEndedLate: true })
        {
            _overdue = null;
            _isStarted = true;
            Start(run);
        }

        return run;
    }

    private void Start(CommandRun run)
    {
        if (_resuming == this)
        {
            _runHere = run; // the thread that has woken the loop executes it once the loop waits
            return;
        }

        Volatile.Write(ref _runOnPool, run);
        Wake();
    }

    private void Run(CommandRun run)
    {
        if (_context is null)
        {
            run.Execute();
        }
        else
        {
            ExecutionContext.Run(_context, Execute, run);
        }
    }

    /// <summary>Runs the loop, if it waits, until it waits again; returns the command that it has asked for meanwhile.</summary>
    private CommandRun? Resume(bool mayRunNext)
    {
        _resuming = mayRunNext ? this : null;
        try
        {
            _wakeUp.Signal();
            return _runHere;
        }
        finally
        {
            _resuming = null;
            _runHere = null;
        }
    }

    private void GiveUpUnlessEnded(CommandRun run)
    {
        if (run.HasEnded)
        {
            share.Release(BufferUse.Request);
            return;
        }

        _run = null; // it belongs to its handler from now on
        if (run.GiveUp(share))
        {
            _overdue = run;
        }
    }

    private void WriteAnswer(CommandRun run, long now)
    {
        if (run.AnswerBytes is { } bytes)
        {
            WriteCustom(run.Command.Name, bytes.Span, now);
        }
        else if (run.Answer is Message.Custom custom)
        {
            WriteCustom(custom.Command, custom.Payload.Span, now);
        }
        else if (run.Answer is { } answer)
        {
            output.Write(Dispatcher.Fits(MessageEncoder.GetLength(answer), channel) ? answer : dispatcher.TooLarge(connection), now);
        }
    }

    private void WriteCustom(string command, ReadOnlySpan<byte> payload, long now)
    {
        if (Dispatcher.Fits(MessageEncoder.GetCustomLength(command, payload), channel))
        {
            output.WriteCustom(command, payload, now);
        }
        else
        {
            output.Write(dispatcher.TooLarge(connection), now);
        }
    }
}
