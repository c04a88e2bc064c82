using Benchmarks.Load;

namespace Benchmarks.Clients;

/// <summary>
/// Compares our client and server with those of other projects, as a program sees them that sends requests over one connection.
/// </summary>
internal static class ClientScenario
{
    public static async Task RunAsync()
    {
        await using var ours = await ServerUnderLoad.StartAsync(ServedProcess.Protocol);
        await using var redis = await ForeignServer.StartAsync("redis-server", "Ready to accept connections", server =>
        [
            "--bind", $"{server.Tcp.Address}", "--port", $"{server.Tcp.Port}", "--unixsocket", $"{server.Local}",
            "--save", "", "--appendonly", "no",
        ]);
        await using var nats = await ForeignServer.StartAsync("nats-server", "Server is ready", server =>
            ["--addr", $"{server.Tcp.Address}", "--port", $"{server.Tcp.Port}"]);
        await using var responder = nats is null ? null : await StartResponderAsync(nats);

        var contestants = Start(ours, redis, nats).ToArray();
        try
        {
            await CompareAsync(contestants, ContestantProcess.Ping, "Ping");
            await CompareAsync(contestants, ContestantProcess.Echo, $"Echo of {Contestants.EchoLength} bytes");
        }
        finally
        {
            await Task.WhenAll(contestants.Select(one => one.DisposeAsync().AsTask()));
        }
    }

    private static async Task CompareAsync(ContestantUnderLoad[] contestants, string request, string description)
    {
        foreach (var callers in new[] { 1, 50, 1_000 })
        {
            Console.WriteLine($"{description}, client libraries over one connection, callers: {callers}");
            await Comparison.RunAsync(contestants, one => one.Name, Scenarios.Rounds, one => one.MeasureAsync(request, callers));
        }
    }

    private static async Task<ChildProcess> StartResponderAsync(ForeignServer nats)
    {
        var responder = new ChildProcess(NatsResponder.Argument, Contestants.AddressOf(nats.Tcp));
        await responder.ReadAsync();
        return responder;
    }

    private static IEnumerable<ContestantUnderLoad> Start(ServerUnderLoad ours, ForeignServer? redis, ForeignServer? nats)
    {
        yield return new("ours, secure", Contestants.Ours, Contestants.AddressOf(ours.Tcp));
        yield return new("ours, Unix", Contestants.Ours, Contestants.AddressOf(ours.Local));
        yield return new("ours, Unix, pool", Contestants.Pool, Contestants.AddressOf(ours.Local));
        if (redis is not null)
        {
            yield return new("Redis, TCP", Contestants.Redis, Contestants.AddressOf(redis.Tcp));
            yield return new("Redis, Unix", Contestants.Redis, Contestants.AddressOf(redis.Local));
        }

        if (nats is not null)
        {
            yield return new("NATS, TCP", Contestants.Nats, Contestants.AddressOf(nats.Tcp));
        }
    }
}
