using System.Runtime.CompilerServices;
using NetworkProtocol.Messages;
using NetworkProtocol.Server.Memory;

namespace NetworkProtocol.Server.Commands;

/// <summary>
/// One run of a handler, which two threads share: the connection's loop, which asks for it, and the thread that executes it. The loop may
/// give the run up while the handler goes on. Each of the two changes the state by compare-and-exchange, and the first one wins: either the
/// answer counts, or the run is given up.
/// <code>
/// Prepared → Running → Ended            the handler returned at once
///            Running → Pending → Ended  the handler awaited something
/// Prepared, Running or Pending → GivenUp
/// </code>
/// A run that ended serves the connection's next command. A run that was given up belongs to its handler until the handler ends.
/// </summary>
internal sealed class CommandRun
{
    private readonly Dispatcher _dispatcher;
    private readonly HandlerThread _thread;
    private readonly TimeProvider _time;
    private readonly Action _complete;
    private readonly RentedBuffer _payload = new();
    private readonly RentedBuffer _answerBytes = new();
    private List<ReadOnlyMemory<byte>>? _batch;
    private Task<Message?>? _handler;
    private BufferShare? _share;
    private long _overrun;
    private volatile int _state = Prepared;
    private volatile bool _hasEndedLate;

    private const int Prepared = 0;
    private const int Running = 1;
    private const int Pending = 2;
    private const int Ended = 3;
    private const int GivenUp = 4;

    public CommandRun(CommandContext context, Dispatcher dispatcher, HandlerThread thread, TimeProvider time)
    {
        _dispatcher = dispatcher;
        _thread = thread;
        _time = time;
        Context = context;
        _complete = () =>
        {
            var handler = _handler!;
            _handler = null; // the task's result would otherwise stay in memory as long as the connection
            End(ResultOf(new ValueTask<Message?>(handler)));
            _thread.Wake();
        };
    }

    public CommandContext Context { get; }

    public Command Command { get; private set; } = null!;

    public string? TraceParent { get; private set; }

    public CancellationToken Token { get; private set; }

    /// <summary>The handler's answer, once the handler has ended.</summary>
    public Message? Answer { get; private set; }

    /// <summary>The answers to a batch; null if the handler has failed, and for other handlers.</summary>
    public IReadOnlyList<Message?>? Answers { get; private set; }

    /// <summary>The number of requests that the handler answers: 1, or that of a batch.</summary>
    public int Count => _batch?.Count ?? 1;

    /// <summary>The answer of a handler that borrows its payload; null without an answer, and for other handlers.</summary>
    public ReadOnlyMemory<byte>? AnswerBytes { get; private set; }

    /// <summary>When the handler began, as a timestamp. The wait for a thread of the pool comes before it.</summary>
    public long StartedAt { get; private set; }

    /// <summary>When the handler ended, as a timestamp.</summary>
    public long EndedAt { get; private set; }

    /// <summary>Whether the handler has ended and its answer counts.</summary>
    public bool HasEnded => _state == Ended;

    /// <summary>Whether the handler awaits something.</summary>
    public bool IsPending => _state == Pending;

    /// <summary>Whether the handler has ended after it was given up.</summary>
    public bool HasEndedLate => _hasEndedLate;

    /// <summary>Takes a copy of the payload.</summary>
    public void Prepare(Command command, ReadOnlySpan<byte> payload, string? traceParent)
    {
        Command = command;
        TraceParent = traceParent;
        Context.Begin(command, command.Borrowing is null ? payload.ToArray() : _payload.Hold(payload));
        _batch = command.Batch is null ? null : [Context.Payload];
    }

    /// <summary>Adds a request to the batch.</summary>
    public void Add(ReadOnlySpan<byte> payload) => _batch!.Add(payload.ToArray());

    public void Begin(CancellationToken cancellationToken)
    {
        Token = cancellationToken;
        _state = Prepared;
    }

    /// <summary>Runs the handler until it ends or awaits something. Does nothing if the run was given up before.</summary>
    public void Execute()
    {
        if (Interlocked.CompareExchange(ref _state, Running, Prepared) != Prepared)
        {
            return;
        }

        StartedAt = _time.GetTimestamp();
        var handler = _dispatcher.RunAsync(this);
        if (handler.IsCompleted)
        {
            End(ResultOf(handler));
            return;
        }

        _handler = handler.AsTask();
        Interlocked.CompareExchange(ref _state, Pending, Running);
        _handler.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_complete);
    }

    public Message? Borrow(BorrowingCommandHandler handler)
    {
        AnswerBytes = handler(Context, Context.Payload.Span, _answerBytes) ? _answerBytes.Written : default(ReadOnlyMemory<byte>?);
        return null;
    }

    public async ValueTask<Message?> AnswerTogetherAsync(BatchCommandHandler handler)
    {
        var batch = _batch!;
        Message?[] answers = [.. await handler(Context, batch, Token)]; // a copy, because the loop reads it on another thread
        Answers = answers.Length != batch.Count
            ? throw new InvalidOperationException($"The batch has {batch.Count} requests and {answers.Length} answers.")
            : answers.Any(Dispatcher.IsIncomplete)
            ? throw new InvalidOperationException("An answer has no command, or no text.")
            : answers;
        return null;
    }

    /// <summary>
    /// Gives the run up, unless the handler has just ended. The payload of a handler that has begun stays charged to the share until it
    /// ends.
    /// </summary>
    /// <returns>Whether a handler goes on.</returns>
    public bool GiveUp(BufferShare share)
    {
        if (Interlocked.CompareExchange(ref _state, GivenUp, Prepared) == Prepared)
        {
            share.Release(BufferUse.Request);
            Clear();
            return false;
        }

        (_share, _overrun) = (share, share.BeginOverrun());
        for (var state = _state; state is Running or Pending; state = _state)
        {
            if (Interlocked.CompareExchange(ref _state, GivenUp, state) == state)
            {
                return true;
            }
        }

        EndOverrun();
        return false;
    }

    /// <summary>Releases the memory of the request and its answer.</summary>
    public void Clear()
    {
        Answer = null;
        Answers = null;
        AnswerBytes = null;
        _batch = null;
        Context.Clear();
        _payload.Return();
        _answerBytes.Return();
    }

    private void End(Message? answer)
    {
        Answer = answer;
        AnswerBytes = answer is null ? AnswerBytes : null; // if the request failed, what was written before is no answer
        Answers = answer is null ? Answers : null;
        EndedAt = _time.GetTimestamp();
        for (var state = _state; state is Running or Pending; state = _state)
        {
            if (Interlocked.CompareExchange(ref _state, Ended, state) == state)
            {
                return;
            }
        }

        Clear();
        EndOverrun();
        _hasEndedLate = true;
    }

    // The message of a handler's exception, a logger or a trace listener may throw while the failure is reported.
    private Message? ResultOf(ValueTask<Message?> handler)
    {
        try
        {
            return handler.GetAwaiter().GetResult(); // it has completed, so GetResult does not block
        }
#pragma warning disable CA1031 // An exception that leaves this method ends the process, and any client could ask for the command again.
        catch (Exception)
#pragma warning restore CA1031
        {
            return Dispatcher.Failed(Command);
        }
    }

    private void EndOverrun() => _share!.EndOverrun(_overrun);
}
