using NetworkProtocol.Messages;
using NetworkProtocol.Security;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Limits;

namespace NetworkProtocol.Server.Connections;

/// <summary>
/// Runs a connection's handlers, one at a time, on the thread pool, and keeps the connection alive meanwhile. While a handler runs the
/// loop is suspended and waits to be woken, so a handler that blocks keeps a thread of the pool, and neither the loop nor its deadlines.
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
    private static CommandRun? _asked; // what that loop has asked for

    private static readonly ContextCallback ExecuteInContext = static self => ((CommandRunner)self!).ExecuteNow();

    private readonly WakeUp _wakeUp = new();
    private readonly ExecutionContext? _context = ExecutionContext.Capture(); // that of the connection, with its logging scope
    private CommandRun? _run;
    private CommandRun? _overdue;
    private CommandRun? _posted;
    private CommandRun? _executing;
    private long _started;
    private bool _begins;
    private volatile bool _isLate;

    /// <summary>Takes a command's payload over, to be run next.</summary>
    public void Prepare(Command command, ReadOnlySpan<byte> payload, string? traceParent, long now)
    {
        _started = now;
        _run ??= new CommandRun(dispatcher.CreateContext(connection), time);
        _run.Prepare(command, payload, traceParent);
    }

    /// <summary>Whether the answers before the prepared command can wait for its own.</summary>
    public bool IsQuick => _run!.Command.IsQuick;

    /// <summary>Begins the prepared command; false if the connection was aborted.</summary>
    public bool TryBegin()
    {
        var run = _run!;
        connection.Runner = this;
        _begins = _isLate = false;
        if (!IsQuick)
        {
            _started = time.GetTimestamp(); // what went before it had to be sent
        }

        if (!connection.Request.TryBegin(run.Command.Name, _started, dispatcher.TimeoutOf(run.Command), out var cancellationToken))
        {
            return false;
        }

        run.Begin(cancellationToken);
        StartIfAlone();
        return true;
    }

    /// <summary>Whether the loop has to wait, with <see cref="WakeUpAsync"/>, until it asks again.</summary>
    public bool IsBusy => !IsGivenUp && !StartIfAlone().HasEnded;

    /// <summary>Whether the client is to be sent something meanwhile.</summary>
    public bool HasToFlush => !_begins || connection.PingDue || (_run!.IsPending && (_isLate || !IsQuick));

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
            output.Write(dispatcher.TimedOut(run, _begins), now);
        }
        else
        {
            run.Command.Took(time.GetElapsedTime(run.StartedAt, now));
            WriteAnswer(run, now);
        }

        if (run.HasEnded)
        {
            run.Forget();
        }

        connection.EndRequest(now);
        run.Command.Durations.Observe(time.GetElapsedTime(_started, now).TotalSeconds);
        return true;
    }

    /// <summary>Gives up what runs still: the loop has ended.</summary>
    public void Close()
    {
        if (_run is { } run)
        {
            GiveUpUnlessEnded(run);
        }
    }

    /// <summary>Has the answers sent that wait for a handler which was expected to be quick.</summary>
    public void FlushLate()
    {
        _isLate = true;
        Wake();
    }

    /// <summary>Wakes the loop if it waits for a handler.</summary>
    public void Wake() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    void IThreadPoolWorkItem.Execute()
    {
        var run = Interlocked.Exchange(ref _posted, null);
        do
        {
            if (run is not null)
            {
                Execute(run);
            }

            run = Resume();
        }
        while (run is not null);
    }

    private bool IsGivenUp => connection.Request.IsTimedOut || connection.Aborted;

    // A handler that ignored its cancellation may still run, and the next one must not run beside it.
    private CommandRun StartIfAlone()
    {
        var run = _run!;
        if (!_begins && _overdue is null or { IsOver: true })
        {
            _overdue = null;
            _begins = true;
            Start(run);
        }

        return run;
    }

    private void Start(CommandRun run)
    {
        if (_resuming == this)
        {
            _asked = run; // the thread that has woken the loop executes it once the loop waits
            return;
        }

        Volatile.Write(ref _posted, run);
        Wake();
    }

    private void Execute(CommandRun run)
    {
        _executing = run;
        if (_context is null)
        {
            ExecuteInContext(this);
        }
        else
        {
            ExecutionContext.Run(_context, ExecuteInContext, this);
        }
    }

    private void ExecuteNow() => _executing!.Execute(dispatcher, this);

    /// <summary>Runs the loop, if it waits, until it waits again; returns the command that it has asked for meanwhile.</summary>
    private CommandRun? Resume()
    {
        _resuming = this;
        try
        {
            _wakeUp.Signal();
            return _asked;
        }
        finally
        {
            _resuming = null;
            _asked = null;
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
