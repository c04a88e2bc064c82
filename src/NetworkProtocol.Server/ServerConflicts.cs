using NetworkProtocol.Settings;

namespace NetworkProtocol.Server;

/// <summary>Finds pairs of settings of which one makes the other useless.</summary>
internal static class ServerConflicts
{
    /// <summary>Returns one line for each pair, which begins with the key in the server's section and says what to change.</summary>
    public static IEnumerable<string> Find(ServerOptions o)
    {
        var tls = o.Tls;
        if (tls.ClientCertificates == ClientCertificates.Required && tls.Mode != TlsMode.Required)
        {
            yield return $"Tls:ClientCertificates = Required: must be set together with Tls:Mode = Required, because with {tls.Mode} "
                + "clients without a certificate connect over the secure handshake";
        }

        if (tls.ClientCertificates == ClientCertificates.Optional && tls.Mode == TlsMode.Disabled)
        {
            yield return "Tls:ClientCertificates = Optional: must be None while Tls:Mode is Disabled, because without TLS no client is "
                + "asked for a certificate";
        }

        if (tls.ClientCertificates == ClientCertificates.None && tls.ClientCaPath.Length > 0)
        {
            yield return $"Tls:ClientCaPath = {tls.ClientCaPath}: must be set together with Tls:ClientCertificates = Optional or Required, "
                + "because with None no client is asked for a certificate";
        }

        if (TrustedNetworks.FindEveryone(o.TrustedProxies) is { } everyone)
        {
            yield return $"TrustedProxies = {everyone}: must be the networks of your proxies only; otherwise every client could claim "
                + "another address and bypass bans and MaxConnectionsPerAddress";
        }
    }
}
