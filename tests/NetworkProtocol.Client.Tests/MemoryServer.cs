using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Transport;

namespace NetworkProtocol.Client.Tests;

/// <summary>A server in this process without a socket, as a user's own tests have it.</summary>
internal sealed class MemoryServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private MemoryServer(WebApplication app) => _app = app;

    public InMemoryTransport Transport => _app.Services.GetRequiredService<InMemoryTransport>();

    public static async Task<MemoryServer> StartAsync(Action<IHost>? map = null, TimeProvider? time = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddLogging();
        builder.WebHost.UseServer(new NoServer());
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddNetworkProtocolServer().AddInMemoryTransport();
        var app = builder.Build();
        map?.Invoke(app);
        await app.StartAsync();
        return new MemoryServer(app);
    }

    public ConnectionOptions CreateOptions(TimeProvider? time = null) => new()
    {
        Transport = ClientTransport.None,
        Dial = (_, token) => Transport.ConnectAsync(token),
        TimeProvider = time ?? TimeProvider.System,
    };

    public Task<ProtocolConnection> ConnectAsync(Action<ConnectionOptions>? configure = null, TimeProvider? time = null)
    {
        var options = CreateOptions(time);
        configure?.Invoke(options);
        return ProtocolConnection.ConnectAsync(ServerAddress.Parse("memory"), options);
    }

    public Task StopAsync() => _app.StopAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
