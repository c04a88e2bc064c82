using System.Net;
using NetworkProtocol.Server;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web;

/// <summary>Finds settings that have no effect because of another setting, or that are less safe than they look.</summary>
internal static class ConfigurationWarnings
{
    public static IEnumerable<string> Find(ServerOptions server, HttpOptions http, AdminOptions admin)
    {
        if (server.MaxConnectionsPerAddress > server.MaxConnections)
        {
            yield return $"NetworkProtocol:Server:MaxConnectionsPerAddress = {server.MaxConnectionsPerAddress}: "
                + $"is never reached, because MaxConnections is {server.MaxConnections}";
        }

        if (server.Tls.Mode == TlsMode.Disabled && server.Tls.CertificatePath.Length > 0)
        {
            yield return $"NetworkProtocol:Server:Tls:CertificatePath = {server.Tls.CertificatePath}: "
                + "is not used, because Tls:Mode is Disabled";
        }

        if (admin.OpenIdConnect is { Authority.Length: 0 } openId && IsBegun(openId))
        {
            yield return "NetworkProtocol:Admin:OpenIdConnect: is not used, because its Authority is not set";
        }

        if (admin.OpenIdConnect is { AllowHttp: true, Authority.Length: > 0 })
        {
            yield return "NetworkProtocol:Admin:OpenIdConnect:AllowHttp = True: "
                + "anyone between this server and the provider can sign in as any user; use this only in tests";
        }

        if (SendsPasswordsInTheClear(http, admin))
        {
            yield return $"NetworkProtocol:Http:Listen = {http.Listen}: passwords cross the network without encryption; "
                + "set Http:Tls, or listen on 127.0.0.1, or name a reverse proxy with TLS in Http:TrustedProxies";
        }
    }

    private static bool IsBegun(OpenIdOptions o) =>
        (o.ClientId + o.ClientSecret + o.ClientSecretFile).Length > 0 || o.Operators.Count + o.Viewers.Count > 0;

    private static bool SendsPasswordsInTheClear(HttpOptions http, AdminOptions admin) =>
        http.Tls.CertificatePath.Length == 0
        && http.TrustedProxies.Count == 0
        && IPEndPoint.TryParse(http.Listen, out var endPoint) && !IPAddress.IsLoopback(endPoint.Address)
        && ((admin.Password + admin.PasswordFile).Length > 0 || admin.Users.Count > 0);
}
