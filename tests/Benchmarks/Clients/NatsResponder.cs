using NATS.Client.Core;

namespace Benchmarks.Clients;

/// <summary>What answers NATS requests, in a process of its own: its processor time is the servers' side, not the client's.</summary>
internal static class NatsResponder
{
    public const string Argument = "respond";

    public const string Subject = "echo";

    public static async Task RunAsync(string address)
    {
        await using var connection = new NatsConnection(new NatsOpts { Url = $"nats://{address}" });
        await using var requests = await connection.SubscribeCoreAsync<NatsMemoryOwner<byte>>(Subject);
        await connection.PingAsync(); // its answer comes after the server has taken the subscription
        Console.WriteLine("ready");
        await Task.WhenAny(AnswerAsync(requests), Console.In.ReadToEndAsync());
    }

    private static async Task AnswerAsync(INatsSub<NatsMemoryOwner<byte>> requests)
    {
        await foreach (var request in requests.Msgs.ReadAllAsync())
        {
            await request.ReplyAsync(request.Data);
        }
    }
}
