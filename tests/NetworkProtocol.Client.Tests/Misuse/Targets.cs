using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using NetworkProtocol.Server;

namespace NetworkProtocol.Client.Tests.Misuse;

/// <summary>
/// For each method of the client that returns a ValueTask: a ValueTask without a result, and an action that gives it a result.
/// </summary>
internal sealed class Targets : IAsyncDisposable
{
    private readonly MemoryServer _server;
    private readonly ProtocolConnection _connection;
    private readonly ProtocolClient _client;
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates;

    private Targets(MemoryServer server, ProtocolConnection connection, ConcurrentDictionary<string, TaskCompletionSource> gates)
    {
        (_server, _connection, _gates) = (server, connection, gates);
        _client = new DialledConnections(server).CreateClient();
        Named = new Dictionary<string, Func<(MisusableTask, Action)>>
        {
            ["ProtocolConnection.RequestAsync"] = () => Waiting(message => _connection.RequestAsync(message)),
            ["ProtocolClient.RequestAsync"] = () => Waiting(message => _client.RequestAsync(message)),
            ["ProtocolClient.RequestAsync, traced"] = Traced,
            ["ProtocolClient.RequestAsync, without a connection yet"] = Unconnected,
            ["ProtocolClient.RequestAsync, that is cancelled"] = Cancelled,
            ["ProtocolClient.SendAsync"] = UnconnectedSend,
            ["ProtocolConnection.SendAsync"] = Crowded,
            ["ProtocolConnection.ReadAllAsync"] = Unasked,
            ["ProtocolClient.WatchAsync"] = Watched,
            ["ProtocolClient.ReadAllAsync"] = UnaskedOfClient,
            ["CircuitBreaker.ExecuteAsync"] = Broken,
            ["CircuitBreaker.ExecuteAsync, while it is open"] = Tried,
            ["ProtocolConnection.DisposeAsync"] = Closing,
        };
    }

    public IReadOnlyDictionary<string, Func<(MisusableTask Task, Action Complete)>> Named { get; }

    public static async Task<Targets> StartAsync()
    {
        var gates = new ConcurrentDictionary<string, TaskCompletionSource>();
        var server = await MemoryServer.StartAsync(app => app.MapCommand("WAIT", async (string text) =>
        {
            await gates[text].Task;
            return text;
        }));
        return new Targets(server, await server.ConnectAsync(), gates);
    }

    /// <summary>Lets callers use the same client and connection correctly. Each must get its own answer.</summary>
    public Task AskHonestlyAsync() => Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(async () =>
    {
        var message = new Message.Echo($"honest {i}");
        Assert.Equal(message, await _client.RequestAsync(message));
        Assert.Equal(message, await _connection.RequestAsync(message));
    })));

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    private (MisusableTask, Action) Waiting(Func<Message, ValueTask<Message>> request)
    {
        var (id, gate) = ($"{_gates.Count}", new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _gates[id] = gate;
        return (MisusableTask.Of(request(new Message.Custom("WAIT", Encoding.UTF8.GetBytes(id)))), gate.SetResult);
    }

    private (MisusableTask, Action) Traced()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ClientTelemetry.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        return Waiting(message => _client.RequestAsync(message));
    }

    private (MisusableTask, Action) Unconnected()
    {
        var (client, connect) = CreateUnconnected();
        return (MisusableTask.Of(client.RequestAsync(new Message.Echo("x"))), connect);
    }

    private (MisusableTask, Action) Cancelled()
    {
        var giveUp = new CancellationTokenSource();
        var (answer, complete) = Waiting(message => _client.RequestAsync(message, giveUp.Token));
        return (answer, () =>
        {
            giveUp.Cancel();
            complete();
        });
    }

    private (MisusableTask, Action) UnconnectedSend()
    {
        var (client, connect) = CreateUnconnected();
        return (MisusableTask.Of(client.SendAsync(new Message.Custom("x", default))), connect);
    }

    private (ProtocolClient, Action) CreateUnconnected()
    {
        var dialled = new TaskCompletionSource();
        var options = new ProtocolClientOptions { Addresses = ["memory"], Connection = _server.CreateOptions() };
        options.Connection.Dial = async (_, token) =>
        {
            await dialled.Task.WaitAsync(token);
            return await _server.Transport.ConnectAsync(token);
        };
        return (new ProtocolClient(options), dialled.SetResult);
    }

    private static (MisusableTask, Action) Crowded()
    {
        var server = new GatedStream(open: false);
        var connection = Connect(server);
        _ = connection.SendAsync(new Message.Custom("x", new byte[2000])).AsTask();
        _ = connection.SendAsync(new Message.Custom("x", new byte[2000])).AsTask();
        return (MisusableTask.Of(connection.SendAsync(new Message.Custom("x", default))), server.Open);
    }

    private static (MisusableTask, Action) Unasked()
    {
        var server = new GatedStream(open: true);
        var unasked = Connect(server).ReadAllAsync().GetAsyncEnumerator();
        var pushed = new Message.Custom("x", default);
        return (MisusableTask.Of(unasked.MoveNextAsync()), () => server.SayAsync(pushed).GetAwaiter().GetResult());
    }

    private (MisusableTask, Action) Watched()
    {
        var client = new DialledConnections(_server).CreateClient();
        var changes = client.WatchAsync().GetAsyncEnumerator();
        _ = changes.MoveNextAsync().AsTask(); // the present state comes first
        return (MisusableTask.Of(changes.MoveNextAsync()), client.Dispose);
    }

    private (MisusableTask, Action) UnaskedOfClient()
    {
        var client = new DialledConnections(_server).CreateClient();
        return (MisusableTask.Of(client.ReadAllAsync().GetAsyncEnumerator().MoveNextAsync()), client.Dispose);
    }

    private static (MisusableTask, Action) Broken()
    {
        var called = new TaskCompletionSource<int>();
        var call = new CircuitBreaker("x").ExecuteAsync((state, _) => new ValueTask<int>(state.Task), called);
        return (MisusableTask.Of(call), () => called.SetResult(1));
    }

    private static (MisusableTask, Action) Tried()
    {
        var called = new TaskCompletionSource<int>();
        var breaker = new CircuitBreaker("x");
        breaker.IsolateAsync().GetAwaiter().GetResult();
        return (MisusableTask.Of(breaker.ExecuteAsync((state, _) => new ValueTask<int>(state.Task), called)), () => called.SetResult(1));
    }

    private static (MisusableTask, Action) Closing()
    {
        var server = new GatedStream(open: false);
        return (MisusableTask.Of(Connect(server).DisposeAsync()), server.Open);
    }

    private static ProtocolConnection Connect(GatedStream server) =>
        server.ConnectAsync(options => options.MaxUnsentBytes = 1024).GetAwaiter().GetResult();
}
