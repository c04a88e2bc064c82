using System.Collections.Concurrent;

namespace NetworkProtocol.Client.Tests.Endings;

/// <summary>Counts the outcomes of requests.</summary>
internal sealed class Tally
{
    private long _right;
    private long _failed;

    public long Right => Volatile.Read(ref _right);

    public long Failed => Volatile.Read(ref _failed);

    /// <summary>
    /// Descriptions of the answers that went to the wrong request, and of those that were returned as messages that answer no request.
    /// </summary>
    public ConcurrentQueue<string> Foreign { get; } = new();

    public async Task CheckAsync(Message asked, ValueTask<Message> request)
    {
        try
        {
            var answer = await request;
            if (asked is Message.Ping ? answer is Message.Pong : asked.Equals(answer))
            {
                Interlocked.Increment(ref _right);
            }
            else
            {
                Foreign.Enqueue($"{asked} was answered by {answer}");
            }
        }
        catch (Exception e) when (e is ProtocolClientException or OperationCanceledException)
        {
            Interlocked.Increment(ref _failed);
        }
    }
}
