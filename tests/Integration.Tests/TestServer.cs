using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Connections;

namespace Integration.Tests;

/// <summary>Another developer's program: ASP.NET Core with the protocol on port 0 and a few commands.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestServer(WebApplication app) => _app = app;

    public IServiceProvider Services => _app.Services;

    public ConnectionRegistry Registry => Services.GetRequiredService<ConnectionRegistry>();

    public IPEndPoint EndPoint => new(IPAddress.Loopback, Services.GetRequiredService<ServerState>().EndPoint!.Port);

    public static async Task<TestServer> StartAsync(
        Dictionary<string, string?>? settings = null, Action<WebApplication>? map = null, TimeProvider? time = null,
        Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["NetworkProtocol:Server:Listen"] = "127.0.0.1:0",
            ["NetworkProtocol:Server:Tls:Mode"] = "Disabled",
        });
        builder.Configuration.AddInMemoryCollection((settings ?? []).Select(
            setting => KeyValuePair.Create($"NetworkProtocol:Server:{setting.Key}", setting.Value)));
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        services?.Invoke(builder.Services);
        builder.Services.AddNetworkProtocolServer();
        var app = builder.Build();
        map?.Invoke(app);
        await app.StartAsync();
        return new TestServer(app);
    }

    public Task StopAsync() => _app.StopAsync();

    /// <summary>The first connection that ended.</summary>
    public async Task<ClosedConnection> FirstClosedAsync() => (await ClosedAsync(1)).First();

    /// <summary>Waits for this number of ended connections and returns them.</summary>
    public async Task<IReadOnlyCollection<ClosedConnection>> ClosedAsync(int count)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            if (Registry.Closed is var closed && closed.Count >= count)
            {
                return closed;
            }

            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
