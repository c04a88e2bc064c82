using System.Text;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Client;

/// <summary>A request that was sent, in its place in the order of answers.</summary>
internal sealed class PendingRequest(MessageTag asked)
{
    private readonly TaskCompletionSource<Message> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<Message> Answer => _answer.Task;

    public bool IsQueued { get; set; }

    public bool IsAnsweredBy(Message message) => asked switch
    {
        MessageTag.Ping => message is Message.Pong,
        MessageTag.Echo => message is Message.Echo,
        _ => message is Message.Custom,
    };

    public void Complete(Message message)
    {
        if (message is Message.Custom { Command: Message.Custom.ErrorCommand } error)
        {
            Fail(new ProtocolClientException(ProtocolErrorKind.Remote, Encoding.UTF8.GetString(error.Payload.Span)));
            return;
        }

        _answer.TrySetResult(message);
    }

    public void Fail(ProtocolClientException error)
    {
        _answer.TrySetException(error);
        _ = _answer.Task.Exception; // observed, even if the caller has given up
    }
}
