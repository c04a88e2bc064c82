using System.Text;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Messages;

namespace Integration.Tests.Hub;

/// <summary>Sends batches to a hub as an edge does.</summary>
internal sealed class HubFeed(WireClient client, string source) : IAsyncDisposable
{
    private readonly Dictionary<Lane, long> _next = new() { [Lane.Bulk] = 1, [Lane.Alarm] = 1 };

    /// <summary>Settings of a program that is a hub, to which clients without a certificate may send.</summary>
    public static string[] Settings { get; } =
    [
        "--NetworkProtocol:Server:Tls:Mode=Disabled",
        "--NetworkProtocol:Cluster:NodeId=node-1",
        "--NetworkProtocol:Hub:Store=Sqlite",
        "--NetworkProtocol:Hub:AllowUnauthenticatedSources=true",
    ];

    public static async Task<HubFeed> ConnectAsync(ServerProcess server, string source)
    {
        var feed = new HubFeed(await WireClient.ConnectSecureAsync(server.Protocol), source);
        foreach (var lane in Enum.GetValues<Lane>())
        {
            var hello = new Hello(source, lane, Epoch: 1, Next: 1, Checksum: null);
            Assert.Equal(HelloStatus.Agreed, HelloAnswer.Decode(await feed.AskAsync(Hello.Command, hello.Encode())).Status);
        }

        return feed;
    }

    /// <summary>Sends values at their times, in as many batches as they need.</summary>
    public async Task SendAsync(
        IEnumerable<(string Topic, DateTimeOffset Time, ReadOnlyMemory<byte> Payload)> values, Lane lane = Lane.Bulk)
    {
        foreach (var part in values.Chunk(Batch.MaxMessages))
        {
            var first = _next[lane];
            var messages = part.Select((value, index) =>
                new BatchMessage(first + index, value.Time.ToUnixTimeMilliseconds(), value.Topic, value.Payload)).ToArray();
            await SendAsync(new Batch(source, lane, Epoch: 1, first, messages, []));
        }
    }

    public Task SendAsync(string topic, DateTimeOffset time, string value) => SendAsync([(topic, time, Encoding.UTF8.GetBytes(value))]);

    /// <summary>Sends a batch again, or one with losses.</summary>
    public async Task SendAsync(Batch batch)
    {
        var answer = AppendAnswer.Decode(await AskAsync(Batch.Command, batch.Encode()));
        Assert.Equal(AppendStatus.Stored, answer.Status);
        _next[batch.Lane] = answer.Mark + 1;
    }

    public ValueTask DisposeAsync() => client.DisposeAsync();

    private async Task<ReadOnlyMemory<byte>> AskAsync(string command, byte[] payload)
    {
        await client.SendAsync(new Message.Custom(command, payload));
        var answer = Assert.IsType<Message.Custom>(await client.ReadAsync());
        Assert.True(answer.Command == command, Encoding.UTF8.GetString(answer.Payload.Span));
        return answer.Payload;
    }
}
