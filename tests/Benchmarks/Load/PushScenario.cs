using System.Diagnostics;
using System.Globalization;
using NetworkProtocol.Messages;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Push;

namespace Benchmarks.Load;

/// <summary>Pushes a message to many connections at once, and measures the cost of connections that get no pushes.</summary>
internal static class PushScenario
{
    private const int Connections = 10_000;
    private const int Rounds = 5;
    private const string Command = "NEWS";

    private static readonly byte[] Join = Scenarios.Encode(new Message.Custom("JOIN", default));
    private static readonly byte[] News = Scenarios.Encode(new Message.Custom(Command, new byte[64]));
    private static readonly byte[] Tell = Scenarios.Encode(new Message.Custom("TELL", new byte[64]));

    public static void Map(WebApplication app)
    {
        app.MapCommand("JOIN", async (CommandContext context, ReadOnlyMemory<byte> payload) =>
        {
            await context.Groups.AddAsync("all");
            return payload;
        });
        app.MapCommand("TELL", async (ReadOnlyMemory<byte> payload, IClients clients) =>
        {
            await clients.Group("all").SendAsync(Command, payload);
            return payload;
        });
    }

    public static async Task RunAsync()
    {
        await using var server = await ServerUnderLoad.StartAsync(ServedProcess.Protocol);
        var before = await server.AskAsync();
        var clients = await ConnectAsync(server);
        var connected = await server.AskAsync();
        foreach (var client in clients)
        {
            await client.ExchangeAsync(Join);
        }

        var joined = await server.AskAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Connections} connections: {(connected.ResidentBytes - before.ResidentBytes) / 1024.0 / Connections:0.0} KiB each, "
                + $"{(joined.ResidentBytes - connected.ResidentBytes) / 1024.0 / Connections:0.0} KiB more once in a group"));
        using var teller = await LoadConnection.ConnectAsync(server.Tcp, secure: true);
        using var honest = await LoadConnection.ConnectAsync(server.Tcp, secure: true);
        for (var round = 0; round < Rounds; round++)
        {
            var (cpu, started) = ((await server.AskAsync()).CpuMicroseconds, Stopwatch.GetTimestamp());
            await teller.ExchangeAsync(Tell);
            var told = Stopwatch.GetElapsedTime(started);
            var slowest = await EchoesAsync(honest, Task.WhenAll(clients.Select(client => client.ReceiveAsync(News.Length))));
            var took = Stopwatch.GetElapsedTime(started);
            var used = (await server.AskAsync()).CpuMicroseconds - cpu;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  told after {told.TotalMilliseconds:0.0} ms, all have it after {took.TotalMilliseconds:0} ms; "
                    + $"{used / 1000:0} ms of CPU; the slowest Echo beside it took {slowest.TotalMilliseconds:0.0} ms"));
        }

        Array.ForEach(clients, client => client.Dispose());
    }

    private static async Task<LoadConnection[]> ConnectAsync(ServerUnderLoad server)
    {
        var clients = new LoadConnection[Connections];
        for (var i = 0; i < Connections; i++)
        {
            clients[i] = await LoadConnection.ConnectAsync(server.Tcp, secure: true);
        }

        return clients;
    }

    private static async Task<TimeSpan> EchoesAsync(LoadConnection honest, Task until)
    {
        var slowest = TimeSpan.Zero;
        while (!until.IsCompleted)
        {
            var started = Stopwatch.GetTimestamp();
            await honest.ExchangeAsync(Scenarios.Echo(64));
            var took = Stopwatch.GetElapsedTime(started);
            slowest = took > slowest ? took : slowest;
        }

        await until;
        return slowest;
    }
}
