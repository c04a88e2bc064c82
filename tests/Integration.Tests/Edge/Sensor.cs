using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using NetworkProtocol.Client;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Messages;

namespace Integration.Tests.Edge;

/// <summary>Publishes numbers that no other sensor publishes, one after the other, and notes each acknowledgement.</summary>
internal sealed class Sensor(ProtocolClient client, string topic, int first)
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

    /// <summary>Publishes one number.</summary>
    public async Task PublishAsync(CancellationToken cancellationToken = default)
    {
        var number = first + _count++;
        var payload = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{topic} {number}"));
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
