using System.Text;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Client.Connections;

/// <summary>
/// A request in its place in the order of answers, and what its caller awaits. It is used again once both the order and the
/// caller have let go of it.
/// </summary>
internal sealed class PendingRequest(Action<PendingRequest> letGo) : ReusableSource<Message>(runContinuationsAsynchronously: true)
{
    private CancellationTokenRegistration _cancellation;
    private int _completed;

    /// <summary>What was asked; null for messages that may go without an answer.</summary>
    public Message? Asked { get; private set; }

    /// <summary>The command as the server sees it, without a trace context.</summary>
    public string? Command { get; private set; }

    /// <summary>When it was written: a timestamp of the connection's clock.</summary>
    public long Started { get; private set; }

    /// <summary>Which packet of the connection it is.</summary>
    public long Position { get; set; }

    /// <summary>Whether it is one of those in flight that are bounded: one that a caller made.</summary>
    public bool HoldsSlot { get; private set; }

    /// <summary>Whether its caller has what it waited for, or waited for nothing.</summary>
    public bool IsCompleted => Volatile.Read(ref _completed) != 0;

    /// <summary>Begins a request that someone awaits.</summary>
    public ValueTask<Message> Begin(Message asked, long now, CancellationToken cancellationToken)
    {
        Set(asked, now, isAwaited: true);
        BeginWith(holders: 2);
        _cancellation = cancellationToken.UnsafeRegister(
            static (request, token) => ((PendingRequest)request!).Cancel(token), this);
        return Awaitable;
    }

    /// <summary>Begins one that nobody awaits: a Ping of the connection's own, or (null) messages without an answer.</summary>
    public PendingRequest BeginUnawaited(Message? asked, long now)
    {
        Set(asked, now, isAwaited: false);
        BeginWith(holders: 1);
        return this;
    }

    public bool IsAnsweredBy(Message message, bool anyCommand) => (Asked, message) switch
    {
        (null, _) => false,
        (Message.Ping, _) => message is Message.Pong,
        (_, Message.Custom { Command: Message.Custom.ErrorCommand }) => true,
        (Message.Echo, _) => message is Message.Echo,
        (_, Message.Custom answer) => anyCommand || answer.Command == Command,
        _ => anyCommand && message is not Message.Pong,
    };

    public void Complete(Message message)
    {
        if (message is Message.Custom { Command: Message.Custom.ErrorCommand } error)
        {
            Fail(new ProtocolClientException(ProtocolErrorKind.Remote, Encoding.UTF8.GetString(error.Payload.Span)));
        }
        else if (TryComplete())
        {
            _cancellation.Unregister();
            SetResult(message);
        }
    }

    /// <summary>For whom the order holds it: it is not used again meanwhile.</summary>
    public void Fail(Exception error)
    {
        if (TryComplete())
        {
            _cancellation.Unregister(); // its caller may never come for the error
            SetException(error);
        }
    }

    /// <summary>It was never sent.</summary>
    public void Abandon()
    {
        _cancellation.Dispose();
        Release();
        Release();
    }

    /// <summary>The order of answers has let go of it.</summary>
    public void Leave() => Release();

    protected override void BeforeTaken() =>
        _cancellation.Dispose(); // waits for a cancellation that is under way, so that it cannot hit the next request

    protected override void Clear() => (Asked, Command, _cancellation) = (null, null, default);

    protected override void Reuse() => letGo(this);

    private void Set(Message? asked, long now, bool isAwaited) =>
        (Asked, Command, Started, _completed, HoldsSlot) = (asked, (asked as Message.Custom)?.Command, now, isAwaited ? 0 : 1, isAwaited);

    private bool TryComplete() => Interlocked.Exchange(ref _completed, 1) == 0;

    private void Cancel(CancellationToken token)
    {
        if (TryComplete())
        {
            SetException(new OperationCanceledException(token));
        }
    }
}
