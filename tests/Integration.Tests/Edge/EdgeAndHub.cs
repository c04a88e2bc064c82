using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Integration.Tests.Console;
using NetworkProtocol.Admin;
using NetworkProtocol.Client;

namespace Integration.Tests.Edge;

/// <summary>An edge and its hub as two processes, each with a data folder that outlives it.</summary>
internal sealed class EdgeAndHub : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _hubPort = FreePort();
    private ServerProcess? _edge;
    private readonly int _cloudPort = FreePort();
    private ServerProcess? _hub;
    private ServerProcess? _cloud;

    public string Socket => Path.Combine(_folder.Path, "sensor.sock");

    public string EdgeData => Path.Combine(_folder.Path, "edge");

    public string HubData => Path.Combine(_folder.Path, "hub");

    public string CloudData => Path.Combine(_folder.Path, "cloud");

    public ServerProcess Edge => _edge!;

    public ServerProcess Hub => _hub!;

    public ServerProcess Cloud => _cloud!;

    /// <summary>The settings of a hub that forwards to the cloud.</summary>
    public string[] ForwardTo(string what) =>
    [
        $"--NetworkProtocol:Hub:Forward:Address=127.0.0.1:{_cloudPort}",
        $"--NetworkProtocol:Hub:Forward:What={what}",
        "--NetworkProtocol:Hub:Forward:Transport=SecureHandshake",
        "--NetworkProtocol:Hub:Forward:Source=hub1",
        "--NetworkProtocol:Hub:Forward:CatchUpRate=1000000",
    ];

    public async Task StartHubAsync(params string[] more) => _hub = await StartStoreAsync(HubData, _hubPort, more);

    public async Task StartCloudAsync() => _cloud = await StartStoreAsync(CloudData, _cloudPort);

    public async Task StartEdgeAsync(params string[] more) => _edge = await ServerProcess.StartAsync(
    [
        $"--NetworkProtocol:Admin:DataPath={EdgeData}",
        "--NetworkProtocol:Server:Tls:Mode=Disabled",
        $"--NetworkProtocol:Edge:HubAddress=127.0.0.1:{_hubPort}",
        "--NetworkProtocol:Edge:Transport=SecureHandshake",
        "--NetworkProtocol:Edge:Source=edge1",
        $"--NetworkProtocol:Edge:LocalSocket={Socket}",
        "--NetworkProtocol:Edge:CatchUpRate=1000000",
        "--NetworkProtocol:Edge:OfflineBufferSize=1000000",
        .. more,
    ]);

    /// <summary>Ends a process as a power cut does, as far as the process can tell.</summary>
    public async Task KillEdgeAsync()
    {
        await Edge.DisposeAsync();
        _edge = null;
    }

    public async Task KillHubAsync()
    {
        await Hub.DisposeAsync();
        _hub = null;
    }

    /// <summary>A sensor that connects again when the edge is back, and repeats nothing.</summary>
    public ProtocolClient CreateSensor() => new(new ProtocolClientOptions
    {
        Addresses = [$"unix:{Socket}"],
        Breaker = { FailureThreshold = 1000 },
        Reconnect = { MinDelay = TimeSpan.FromMilliseconds(20), MaxDelay = TimeSpan.FromMilliseconds(200) },
    });

    /// <summary>All readings of one topic at the hub, as soon as there are so many of them.</summary>
    public static async Task<List<HubReadingRow>> ReadingsAsync(INodeView hub, string topic, int atLeast)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            if ((await hub.HubTotalsAsync(deadline.Token)).Messages >= atLeast)
            {
                return await ReadAllAsync(hub, topic, deadline.Token);
            }

        }
    }

    public async Task KillCloudAsync()
    {
        await Cloud.DisposeAsync();
        _cloud = null;
    }

    /// <summary>All readings of one topic.</summary>
    public static async Task<List<HubReadingRow>> ReadAllAsync(INodeView hub, string topic, CancellationToken cancellationToken)
    {
        var readings = new List<HubReadingRow>();
        var series = await hub.HubSeriesAsync(null, topic, new HubPaging(HubPaging.MaxSize), cancellationToken);
        foreach (var one in series.Items)
        {
            var paging = new HubPaging(HubPaging.MaxSize);
            do
            {
                var slice = await hub.HubReadingsAsync(one.Id, new HubSpan(), paging, cancellationToken);
                readings.AddRange(slice.Items);
                paging = paging with { After = slice.Next };
            }
            while (paging.After is not null);
        }

        return readings;
    }

    /// <summary>The hub's API, for an operator who has signed in.</summary>
    public Task<(HttpNode Node, HttpClient Http)> ConnectAsync() => ConnectAsync(Hub);

    /// <summary>The API of the hub or the cloud, likewise.</summary>
    public static async Task<(HttpNode Node, HttpClient Http)> ConnectAsync(ServerProcess server)
    {
        using var session = await AdminSession.SignInAsync(server);
        var http = ConsoleServer.WithToken(server, await session.CreateTokenAsync("tester", "viewer"));
        http.BaseAddress = new Uri(http.BaseAddress!, "api/v1/");
        return (new HttpNode(http), http);
    }

    /// <summary>What a node's health check says now, in the form <c>Status: reason</c>.</summary>
    /// <param name="http">The node's API, for an operator who has signed in.</param>
    /// <param name="check">The name of the check.</param>
    public static async Task<string> CheckAsync(HttpClient http, string check)
    {
        using var answer = await http.GetAsync("/health/details"); // 503 if one of the checks is unhealthy
        using var details = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var entry = details.RootElement.GetProperty("entries").GetProperty(check);
        return $"{entry.GetProperty("status").GetString()}: {entry.GetProperty("description").GetString()}";
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in new[] { _edge, _hub, _cloud }.OfType<ServerProcess>())
        {
            await process.DisposeAsync();
        }

        _folder.Dispose();
    }

    private static Task<ServerProcess> StartStoreAsync(string data, int port, params string[] more) => ServerProcess.StartAsync(
    [
        $"--NetworkProtocol:Admin:DataPath={data}",
        $"--NetworkProtocol:Server:Listen=127.0.0.1:{port}",
        "--NetworkProtocol:Server:Tls:Mode=Disabled",
        "--NetworkProtocol:Hub:Store=Sqlite",
        "--NetworkProtocol:Hub:AllowUnauthenticatedSources=true",
        .. more,
    ]);

    private static int FreePort()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }
}
