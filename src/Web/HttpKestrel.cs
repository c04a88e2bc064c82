using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using NetworkProtocol.Server.Tls;
using NetworkProtocol.Server.Transport;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web;

/// <summary>Sets up Kestrel for the HTTP port: addresses, TLS, and limits of connections and bodies.</summary>
internal static class HttpKestrel
{
    public static void UseKestrelForHttp(this IWebHostBuilder host) => host.ConfigureKestrel((context, kestrel) =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.LimitBodies();
        var options = context.Configuration.Read<HttpOptions>(HttpOptions.Section);
        var connections = new HttpConnections(DescriptorBudget.HttpConnections(options.MaxConnections));
        kestrel.ConfigureEndpointDefaults(listen => listen.Use(next => connection => connections.RunAsync(connection, next)));
        if (IPEndPoint.TryParse(options.Listen, out var endPoint)) // the validator reports a wrong address
        {
            kestrel.Listen(endPoint, listen =>
            {
                if (options.Tls.CertificatePath.Length > 0)
                {
                    // Each handshake gets the store, because the settings are not validated yet at this point.
                    CertificateStore Certificate() =>
                        kestrel.ApplicationServices.GetRequiredKeyedService<CertificateStore>(HttpExtensions.CertificateName);
                    listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new(HandshakeOptions(Certificate())) });
                }
            });
        }

        kestrel.ListenForChallenges(options);
    }).ConfigureServices((context, services) => services.Configure<SocketTransportOptions>(transport =>
    {
        var options = context.Configuration.Read<HttpOptions>(HttpOptions.Section);
        transport.CreateBoundListenSocket = endPoint => ListenSocket.Bind(endPoint, $"{HttpOptions.Section}:{KeyOf(endPoint, options)}");
    })).PreferHostingUrls(false); // else the host's own urls would replace Http:Listen

    private static string KeyOf(EndPoint endPoint, HttpOptions options) =>
        IPEndPoint.TryParse(options.ChallengeListen, out var challenges) && challenges.Equals(endPoint)
            ? nameof(HttpOptions.ChallengeListen)
            : nameof(HttpOptions.Listen);

    private static SslServerAuthenticationOptions HandshakeOptions(CertificateStore certificate)
    {
        var options = certificate.CreateHandshakeOptions();
        options.ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];
        return options;
    }
}
