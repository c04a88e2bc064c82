using static NetworkProtocol.Client.Tests.ClientSteps;

namespace NetworkProtocol.Client.Tests;

/// <summary>A client whose server goes away, comes back, or is replaced by another one.</summary>
public sealed class ReconnectTests
{
    [Fact]
    public async Task It_reconnects_and_tells_of_each_change()
    {
        await using var server = await MemoryServer.StartAsync();
        var dialled = new DialledConnections(server);
        await using var client = dialled.CreateClient();
        var told = new List<ClientState>();
        client.StateChanged += (_, change) => told.Add(change.State);
        Assert.Equal(ClientState.Idle, client.State);
        var watching = WatchAsync(client, 4);
        await client.RequestAsync(new Message.Ping());
        await dialled.All[0].DisposeAsync();
        await client.Connections[0].Closed.WaitAsync(Patience);
        Assert.IsType<Message.Pong>(await client.RequestAsync(new Message.Ping()).AsTask().WaitAsync(Patience));
        ClientState[] expected = [ClientState.Connecting, ClientState.Connected, ClientState.Disconnected, ClientState.Connected];
        Assert.Equal(expected, (await watching.WaitAsync(Patience)).SkipWhile(state => state == ClientState.Idle).Take(4));
        Assert.Equal(expected, told);
    }

    [Fact]
    public async Task A_listener_that_throws_stops_nothing()
    {
        await using var server = await MemoryServer.StartAsync();
        var dialled = new DialledConnections(server);
        await using var client = dialled.CreateClient();
        client.StateChanged += (_, _) => throw new InvalidOperationException("an error of the handler");
        client.Breakers[0].Changed += (_, _) => throw new InvalidOperationException("an error of the handler");
        await client.RequestAsync(new Message.Ping());
        await client.Breakers[0].IsolateAsync();
        await client.Breakers[0].ResetAsync();
        await dialled.All[0].DisposeAsync();
        await client.Connections[0].Closed.WaitAsync(Patience);
        Assert.IsType<Message.Pong>(await client.RequestAsync(new Message.Ping()).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task A_dialler_that_fails_in_its_own_way_is_asked_again()
    {
        await using var server = await MemoryServer.StartAsync();
        Exception?[] faults = [new TaskCanceledException("its own time-out"), new InvalidOperationException("its own fault"), null];
        var attempts = 0;
        await using var client = new DialledConnections(server).CreateClient(options =>
            options.Connection.Dial = (_, token) =>
                faults[Math.Min(attempts++, 2)] is { } fault ? throw fault : server.Transport.ConnectAsync(token));
        Assert.IsType<Message.Pong>(await client.RequestAsync(new Message.Ping()).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task Connecting_ends_when_the_minimum_cannot_be_reached_or_the_client_is_disposed()
    {
        await using var server = await MemoryServer.StartAsync();
        var dialled = new DialledConnections(server);
        ProtocolClient Create(TimeSpan wait) => dialled.CreateClient(options =>
        {
            (options.Pool.MinConnections, options.WaitTimeout) = (2, wait);
            var dial = options.Connection.Dial!;
            options.Connection.Dial = (address, token) =>
            {
                dialled.IsDown = dialled.All.Length > 0;
                return dial(address, token);
            };
        });
        await using var first = Create(TimeSpan.FromMilliseconds(300));
        var error = await Assert.ThrowsAsync<ProtocolClientException>(() => first.ConnectAsync().WaitAsync(Patience));
        Assert.Equal(ProtocolErrorKind.Timeout, error.Kind);
        var second = Create(Timeout.InfiniteTimeSpan);
        var connecting = Record.ExceptionAsync(() => second.ConnectAsync());
        await second.DisposeAsync();
        Assert.Equal(ProtocolErrorKind.Closed, Assert.IsType<ProtocolClientException>(await connecting.WaitAsync(Patience)).Kind);
    }

    [Fact]
    public async Task A_server_that_sends_Disconnect_is_replaced_at_once_by_another()
    {
        await using var first = await TestServer.StartAsync();
        await using var second = await TestServer.StartAsync();
        await using var client = new ProtocolClient(new ProtocolClientOptions
        {
            Addresses = [$"{first.EndPoint}", $"{second.EndPoint}"],
            Connection = { Transport = ClientTransport.SecureHandshake },
            Reconnect = { MinDelay = TimeSpan.FromMinutes(5), MaxDelay = TimeSpan.FromMinutes(10) },
        });
        await client.RequestAsync(new Message.Ping());
        var stopping = client.Connections[0].Address.Port == first.EndPoint.Port ? first : second;
        await stopping.StopAsync();
        Assert.IsType<Message.Pong>(await client.RequestAsync(new Message.Ping()).AsTask().WaitAsync(Patience));
        Assert.NotEqual(stopping.EndPoint.Port, client.Connections[0].Address.Port);
    }

    [Fact]
    public async Task It_gives_up_when_told_to()
    {
        await using var server = await MemoryServer.StartAsync();
        var dialled = new DialledConnections(server) { IsDown = true };
        await using var client = dialled.CreateClient(options =>
        {
            options.Reconnect.MaxAttempts = 3;
            options.Reconnect.MinDelay = options.Reconnect.MaxDelay = TimeSpan.FromMilliseconds(1);
        });
        var error = await Assert.ThrowsAsync<ProtocolClientException>(
            () => client.RequestAsync(new Message.Ping()).AsTask().WaitAsync(Patience));
        Assert.Equal((ProtocolErrorKind.Closed, ClientState.Closed, 3), (error.Kind, client.State, dialled.Attempts));
    }
}
