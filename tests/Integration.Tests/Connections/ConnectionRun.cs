using System.Net;
using System.Runtime.CompilerServices;
using Integration.Tests.Operations;
using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Bans;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Memory;
using NetworkProtocol.Server.Operators;

namespace Integration.Tests.Connections;

/// <summary>
/// A server, a few clients with random traffic, and the ends of their connections. The seed decides everything that is random.
/// </summary>
internal sealed class ConnectionRun(int seed)
{
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private const int MostClients = 5;

    private static readonly Ending[] OfAll = [Ending.Drain, Ending.Shutdown, Ending.Silence];
    private static readonly Ending[] OfOne = [.. Enum.GetValues<Ending>().Except(OfAll)];
    private static readonly CloseReason[] Reasons =
        [
            CloseReason.ClientLeft, CloseReason.Disconnect, CloseReason.Dead,
            CloseReason.Banned, CloseReason.DisconnectedByOperator, CloseReason.Draining];

    private readonly Random _random = new(seed);
    private readonly Handlers _handlers = new();

    public int Answered { get; private set; }

    public int Begun => _handlers.Begun;

    public async Task RunAsync()
    {
        var ofAll = _random.Next(3) == 0 ? _random.GetItems(OfAll, 1)[0] : (Ending?)null;
        await using var server = await TestServer.StartAsync(Settings(ofAll), _handlers.Map);
        var clients = await ConnectAsync(server, ofAll);
        try
        {
            var running = clients.Select(client => client.RunAsync()).ToArray();
            Task[] ends = [.. clients.Select(client => EndAsync(server, client)), EndAllAsync(server, clients, ofAll)];
            await EndInTimeAsync(Task.WhenAll([.. running, .. ends]), server, clients);
            Answered = clients.Sum(client => client.Answered);
            Assert.All(clients, Check);
            await CheckAsync(server);
        }
        finally
        {
            foreach (var client in clients)
            {
                await client.DisposeAsync();
            }
        }
    }

    private Dictionary<string, string?> Settings(Ending? ofAll) => new()
    {
        ["HeartbeatInterval"] = ofAll == Ending.Silence ? "00:00:00.100" : "01:00:00",
        ["RequestTimeout"] = $"{RequestTimeout}",
        ["ShutdownTimeout"] = $"{Soon()}",
        ["MaxConnectionsPerAddress"] = "1000",
    };

    private TimeSpan Soon() => TimeSpan.FromMilliseconds(_random.Next(200));

    // Each client has its own address, which an operator can ban.
    private async Task<RandomClient[]> ConnectAsync(TestServer server, Ending? ofAll)
    {
        var clients = new RandomClient[_random.Next(1, MostClients)];
        for (var i = 0; i < clients.Length; i++)
        {
            var ending = ofAll ?? _random.GetItems(OfOne, 1)[0];
            clients[i] = await RandomClient.ConnectAsync(
                server.EndPoint, IPAddress.Parse($"127.0.0.{2 + i}"), new Random(_random.Next()), ending);
        }

        return clients;
    }

    private static async Task EndInTimeAsync(Task all, TestServer server, RandomClient[] clients)
    {
        await Task.WhenAny(all, Task.Delay(Patience));
        var states = server.Registry.Open.Select(open =>
            $"{open.RemoteEndPoint}: {open.State} {open.CommandInFlight} {open.CloseReason} {open.MessagesReceived}");
        Assert.True(all.IsCompleted, string.Join('\n', [.. clients.Select(client => client.ToString()), .. states]));
        await all;
    }

    private static async Task EndAsync(TestServer server, RandomClient client)
    {
        await client.Reached;
        var connection = client.Ending is Ending.Ban or Ending.OperatorDisconnect
            ? server.Registry.Open.FirstOrDefault(open => client.Address.Equals(open.RemoteEndPoint))
            : null;
        switch (client.Ending)
        {
            case Ending.Reset or Ending.Close:
                client.Close(byReset: client.Ending == Ending.Reset);
                break;
            case Ending.OperatorDisconnect when connection is not null:
                server.Services.GetRequiredService<ConnectionControl>().Disconnect(connection.Id);
                break;
            case Ending.Ban when connection is not null:
                await BanAsync(server, client, connection);
                break;
        }
    }

    private static async Task BanAsync(TestServer server, RandomClient client, Connection connection)
    {
        Assert.True(BanTarget.TryParse($"{client.Address.Address}", out var target, out _));
        server.Services.GetRequiredService<BanList>().Add(new Ban($"{target}", target, "floods", "tester", default, null));
        await Eventually.Async(() => Task.FromResult(server.Registry.Find(connection.Id) is null), () => "who was banned is still there");
    }

    private async Task EndAllAsync(TestServer server, RandomClient[] clients, Ending? ofAll)
    {
        var deadline = Soon();
        await Task.WhenAny(clients.Select(client => client.Reached));
        if (ofAll == Ending.Drain)
        {
            Assert.True(server.Services.GetRequiredService<Drain>().TryStart(PacedDisconnect.MaxPerSecond, deadline));
        }
        else if (ofAll == Ending.Shutdown)
        {
            await server.StopAsync();
        }
    }

    private static void Check(RandomClient client)
    {
        Assert.Null(client.Fault);
        Assert.True(
            client.HasAllAnswers || client.Ending is not (Ending.HalfClose or Ending.Disconnect),
            $"{client.Ending}: after {client.Answered} answers no more came");
        Assert.True(client.WasToldDisconnect || client.Ending != Ending.OperatorDisconnect, "an operator's end came without Disconnect");
    }

    private async Task CheckAsync(TestServer server)
    {
        var budget = server.Services.GetRequiredService<BufferBudget>();
        await Eventually.Async(
            () => Task.FromResult(server.Registry.Count == 0 && _handlers.Running == 0 && Held(budget) == 0),
            () => $"{server.Registry.Count} connections, {_handlers.Running} handlers and {Held(budget)} charged bytes are left");
        Assert.Empty(server.Registry.Open);
        Assert.Empty(PerAddress(server.Registry));
        Assert.Empty(_handlers.Faults);
        Assert.All(server.Registry.Closed, closed => Assert.Contains(closed.Reason, Reasons));
        Assert.DoesNotContain(server.Services.GetRequiredService<ErrorLog>().Recent, error => error.Kind == ErrorKinds.Server);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_held")]
    private static extern ref long Held(BufferBudget budget);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_perAddress")]
    private static extern ref Dictionary<UInt128, int> PerAddress(ConnectionRegistry registry);
}
