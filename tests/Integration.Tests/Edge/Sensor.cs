using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using NetworkProtocol.Client;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Messages;

namespace Integration.Tests.Edge;

/// <summary>Publishes numbers that no other sensor publishes, one after the other, and notes each acknowledgement.</summary>
/// <param name="client">The client of the edge.</param>
/// <param name="topic">The topic.</param>
/// <param name="first">The first number.</param>
/// <param name="lane">The lane.</param>
/// <param name="since">The time of number 0, one message a second; null: the edge's clock counts.</param>
internal sealed class Sensor(ProtocolClient client, string topic, int first, Lane lane = Lane.Bulk, DateTimeOffset? since = null)
{
    private int _count;

    /// <summary>The numbers that the edge has acknowledged.</summary>
    public ConcurrentQueue<int> Acknowledged { get; } = new();

    /// <summary>All numbers that were sent, acknowledged or not.</summary>
    public IEnumerable<int> Sent => Enumerable.Range(first, _count);

    /// <summary>Publishes until the token is cancelled. A request that failed may or may not have been stored.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await PublishAsync(cancellationToken);
        }
    }

    /// <summary>Publishes until the token is cancelled, and waits for the last answer, so that no message is in doubt.</summary>
    public async Task RunToAnswerAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await PublishAsync(CancellationToken.None);
        }
    }

    /// <summary>Publishes one number.</summary>
    public async Task PublishAsync(CancellationToken cancellationToken = default)
    {
        var number = first + _count++;
        var value = number.ToString(CultureInfo.InvariantCulture);
        var payload = since is { } start
            ? new Publication(topic, Encoding.UTF8.GetBytes(value), start.AddSeconds(number), lane).Encode()
            : Encoding.UTF8.GetBytes($"{topic} {value}");
        try
        {
            await client.RequestAsync(new Message.Custom(Publication.Command, payload), cancellationToken);
            Acknowledged.Enqueue(number);
        }
        catch (Exception e) when (e is ProtocolClientException or OperationCanceledException)
        {
            // Not acknowledged.
        }
    }
}
