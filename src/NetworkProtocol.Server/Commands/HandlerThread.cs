namespace NetworkProtocol.Server.Commands;

/// <summary>
/// Runs a connection's handlers on the thread pool. While a handler runs, the connection's loop waits to be woken, so a handler that blocks
/// occupies one thread of the pool, but stops neither the loop nor its deadlines. The thread that has run a handler runs the loop next, and
/// then the handler that the loop asks for: for many commands that arrived together only one thread has to wake up.
/// </summary>
internal sealed class HandlerThread : IThreadPoolWorkItem
{
    [ThreadStatic]
    private static HandlerThread? _resuming; // the object whose loop this thread has woken

    [ThreadStatic]
    private static CommandRun? _runHere; // the command that this loop has asked for

    /// <summary>A thread that has worked for one connection for this long lets the pool's other work go first.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(10);

    private static readonly ContextCallback Execute = static run => ((CommandRun)run!).Execute();

    private readonly WakeUp _wakeUp = new();
    private readonly ExecutionContext? _context = ExecutionContext.Capture(); // the connection's context, with its logging scope
    private CommandRun? _runOnPool;

    /// <summary>Completes when something has happened that the loop has to look at.</summary>
    public ValueTask WaitAsync() => _wakeUp.WaitAsync();

    /// <summary>Wakes the loop if it waits for a handler.</summary>
    public void Wake() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    /// <summary>Has a handler run on a thread of the pool.</summary>
    public void Start(CommandRun run)
    {
        if (_resuming == this)
        {
            _runHere = run; // this thread has woken the loop, and runs the handler once the loop waits
            return;
        }

        Volatile.Write(ref _runOnPool, run);
        Wake();
    }

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

    /// <summary>Runs the loop, if it waits, until it waits again; returns the command that the loop has asked for meanwhile.</summary>
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
}
