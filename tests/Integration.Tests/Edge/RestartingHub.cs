using System.Net;
using System.Net.Sockets;
using Integration.Tests.Console;
using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Hub;

namespace Integration.Tests.Edge;

/// <summary>A hub in the test's process that stops, and comes back at the same address with the same store.</summary>
internal sealed class RestartingHub : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePort();
    private TestServer? _server;

    public string Address => $"127.0.0.1:{_port}";

    /// <summary>What the store has taken, of all its lives.</summary>
    public Arrivals Arrivals { get; } = new();

    public TestServer Server => _server!;

    public IHubStore Store => Server.Services.GetRequiredService<IHubStore>();

    public async Task StartAsync(Dictionary<string, string?>? settings = null) => _server = await TestServer.StartAsync(
        new Dictionary<string, string?>(settings ?? []) { ["Listen"] = Address },
        app => app.MapHub(),
        services: services =>
        {
            services.AddSingleton(provider => ArrivalStore.Of(
                new SqliteHubStore(
                    Path.Combine(_folder.Path, "hub.db"), new HubOptions(), provider.GetRequiredService<HubMetrics>(), TimeProvider.System),
                Arrivals));
            services.AddHub(hub => (hub.Store, hub.AllowUnauthenticatedSources) = (HubStoreKind.Sqlite, true));
        });

    public async Task StopAsync()
    {
        await Server.StopAsync();
        await Server.DisposeAsync();
        _server = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await StopAsync();
        }

        _folder.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }
}
