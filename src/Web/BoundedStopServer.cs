using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace NetworkProtocol.Web;

/// <summary>
/// The HTTP server, which stops soon: Kestrel alone waits for its clients as long as the host lets it, and a page, a half-sent request or
/// a slow reader would delay the end by the whole time that the drain may take.
/// </summary>
internal sealed class HttpStop(IServer kestrel) : IServer
{
    /// <summary>What requests that run have to end when the drain is over. After it, what is open is closed.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    public IFeatureCollection Features => kestrel.Features;

    public static void Bound(IServiceCollection services)
    {
        var kestrel = services.Last(service => service.ServiceType == typeof(IServer)).ImplementationType!;
        services.AddSingleton<IServer>(provider => new HttpStop((IServer)ActivatorUtilities.CreateInstance(provider, kestrel)));
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
