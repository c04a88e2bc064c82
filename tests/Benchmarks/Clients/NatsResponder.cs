using NATS.Client.Core;

namespace Benchmarks.Clients;

/// <summary>
/// Answers NATS requests in a process of its own, so that its processor time counts for the servers and not for the client.
/// </summary>
internal static class NatsResponder
{
    public const string Argument = "respond";

    public const string Subject = "echo";

    public static async Task RunAsync(string address)
    {
        await using var connection = new NatsConnection(new NatsOpts { Url = $"nats://{address}" });
        await using var requests = await connection.SubscribeCoreAsync<NatsMemoryOwner<byte>>(Subject);
        await connection.PingAsync(); // the server answers the Ping after it has processed the subscription
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
