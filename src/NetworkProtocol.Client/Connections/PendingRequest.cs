using System.Text;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Client.Connections;

/// <summary>
/// A place in the order of answers, and the source of the <see cref="ValueTask{T}"/> that the caller awaits. Two hold it: the order until
/// the request leaves it, and the caller until it has taken the result. When both have released it, it is free and used for another
/// request. <c>docs/client-internals.md</c> has the states.
/// </summary>
/// <param name="onFree">Receives the request when it is free.</param>
internal sealed class PendingRequest(Action<PendingRequest> onFree) : ReusableValueTaskSource<Message>(runContinuationsAsynchronously: true)
{
    private CancellationTokenRegistration _cancellation;
    private int _completed;

    /// <summary>The request's message. Null for the marker that stands for messages of SendAsync, which may be answered or not.</summary>
    public Message? Message { get; private set; }

    /// <summary>The command that the server sees and repeats in its answer, without a trace context. Null if this is no Custom.</summary>
    public string? Command { get; private set; }

    /// <summary>The timestamp from which the request's timeout counts.</summary>
    public long Started { get; private set; }

    /// <summary>The number of the request's packet on this connection. The sender sets it when it writes the packet.</summary>
    public long Position { get; set; }

    /// <summary>Whether the request holds one of the <see cref="RequestSlots"/>: a caller made it.</summary>
    public bool HoldsSlot { get; private set; }

    /// <summary>Whether the caller has an answer or an error, or there is no caller.</summary>
    public bool IsCompleted => Volatile.Read(ref _completed) != 0;

    /// <summary>Begins a request that a caller awaits.</summary>
    public ValueTask<Message> Begin(Message message, long now, CancellationToken cancellationToken)
    {
        Set(message, now, isAwaited: true);
        BeginWith(holders: 2);
        _cancellation = cancellationToken.UnsafeRegister(
            static (request, token) => ((PendingRequest)request!).Cancel(token), this);
        return Awaitable;
    }

    /// <summary>
    /// Begins a request without a caller: a Ping of the connection itself, or with null the marker for messages of SendAsync.
    /// </summary>
    public PendingRequest BeginUnawaited(Message? message, long now)
    {
        Set(message, now, isAwaited: false);
        BeginWith(holders: 1);
        return this;
    }

    public bool IsAnsweredBy(Message answer, bool anyCommand) => (Message, answer) switch
    {
        (null, _) => false,
        (Message.Ping, _) => answer is Message.Pong,
        (_, Message.Custom { Command: Message.Custom.ErrorCommand }) => true,
        (Message.Echo, _) => answer is Message.Echo,
        (_, Message.Custom custom) => anyCommand || custom.Command == Command,
        _ => anyCommand && answer is not Message.Pong,
    };

    /// <summary>Gives the caller the answer, or an exception if the answer is ERROR. Only the order calls this.</summary>
    public void Complete(Message answer)
    {
        if (answer is Message.Custom { Command: Message.Custom.ErrorCommand } error)
        {
            Fail(new ProtocolClientException(ProtocolErrorKind.Remote, Encoding.UTF8.GetString(error.Payload.Span)));
        }
        else if (TryComplete())
        {
            _cancellation.Unregister();
            SetResult(answer);
        }
    }

    /// <summary>
    /// Gives the caller an exception, if it has neither answer nor exception yet. Only the order calls this: while it holds the request,
    /// the request cannot be in use for another caller.
    /// </summary>
    public void Fail(Exception error)
    {
        if (TryComplete())
        {
            _cancellation.Unregister(); // a caller that never takes the exception must not stay registered with its token
            SetException(error);
        }
    }

    /// <summary>Releases a request that was not written, for both holders.</summary>
    public void Abandon()
    {
        _cancellation.Dispose();
        Release();
        Release();
    }

    /// <summary>Releases the request for the order of answers.</summary>
    public void Leave() => Release();

    protected override void BeforeTaken() =>
        _cancellation.Dispose(); // waits for a cancellation that runs now, so that it cannot cancel the next request

    protected override void Clear() => (Message, Command, _cancellation) = (null, null, default);

    protected override void Reuse() => onFree(this);

    private void Set(Message? message, long now, bool isAwaited)
    {
        (Message, Command, Started) = (message, (message as Message.Custom)?.Command, now);
        (_completed, HoldsSlot) = (isAwaited ? 0 : 1, isAwaited);
    }

    private bool TryComplete() => Interlocked.Exchange(ref _completed, 1) == 0;

    private void Cancel(CancellationToken token)
    {
        if (TryComplete())
        {
            SetException(new OperationCanceledException(token));
        }
    }
}
