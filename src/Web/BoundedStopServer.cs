using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace NetworkProtocol.Web;

/// <summary>
/// Kestrel with a short timeout for its stop. Kestrel itself waits for its clients as long as the host allows, so an open page, an
/// incomplete request or a slow reader would delay the end of the program by the whole time that a drain may take.
/// </summary>
internal sealed class BoundedStopServer(IServer kestrel) : IServer
{
    /// <summary>The time that running requests have after the drain. Then the server closes all connections.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    public IFeatureCollection Features => kestrel.Features;

    /// <summary>Replaces the registered server by one with the timeout.</summary>
    public static void Decorate(IServiceCollection services)
    {
        var kestrel = services.Last(service => service.ServiceType == typeof(IServer)).ImplementationType!;
        services.AddSingleton<IServer>(provider => new BoundedStopServer((IServer)ActivatorUtilities.CreateInstance(provider, kestrel)));
    }

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull => kestrel.StartAsync(application, cancellationToken);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        soon.CancelAfter(Grace);
        await kestrel.StopAsync(soon.Token);
    }

    public void Dispose() => kestrel.Dispose();
}
