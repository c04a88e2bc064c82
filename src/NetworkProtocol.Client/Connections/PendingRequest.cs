using System.Text;
using System.Threading.Tasks.Sources;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Client.Connections;

/// <summary>
/// A request in its place in the order of answers, and what its caller awaits. It is used again once both the order and the
/// caller have let go of it.
/// </summary>
internal sealed class PendingRequest(Action<PendingRequest> letGo) : IValueTaskSource<Message>
{
    private ManualResetValueTaskSourceCore<Message> _answer = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private int _completed;
    private int _holders;

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
        BeginUnawaited(asked, now);
        (_holders, _completed, HoldsSlot) = (2, 0, true);
        _cancellation = cancellationToken.UnsafeRegister(
            static (request, token) => ((PendingRequest)request!).Cancel(token), this);
        return new ValueTask<Message>(this, _answer.Version);
    }

    /// <summary>Begins one that nobody awaits: a Ping of the connection's own, or (null) messages without an answer.</summary>
    public PendingRequest BeginUnawaited(Message? asked, long now)
    {
        (Asked, Command, Started, _holders, _completed, HoldsSlot) = (asked, (asked as Message.Custom)?.Command, now, 1, 1, false);
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
        else if (Interlocked.Exchange(ref _completed, 1) == 0)
        {
            _answer.SetResult(message);
        }
    }

    public void Fail(Exception error)
    {
        if (Interlocked.Exchange(ref _completed, 1) == 0)
        {
            _answer.SetException(error);
        }
    }

    /// <summary>It was never sent.</summary>
    public void Abandon()
    {
        _cancellation.Dispose();
        _holders = 1;
        Release();
    }

    /// <summary>The order of answers has let go of it.</summary>
    public void Leave() => Release();

    public Message GetResult(short token)
    {
        if (_answer.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            throw new InvalidOperationException("The request has no answer yet: await it, do not block on it.");
        }

        _cancellation.Dispose(); // waits for a cancellation that is under way, so that it cannot hit the next request
        try
        {
            return _answer.GetResult(token);
        }
        finally
        {
            Release();
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _answer.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken token) => Fail(new OperationCanceledException(token));

    private void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            Asked = null;
            Command = null;
            _cancellation = default;
            _answer.Reset();
            letGo(this);
        }
    }
}
