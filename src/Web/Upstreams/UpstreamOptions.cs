using NetworkProtocol.Client;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web.Upstreams;

/// <summary>An upstream: commands, and the servers that answer them. Each of these servers can answer each of the commands.</summary>
internal sealed class UpstreamOptions
{
    /// <summary>
    /// The addresses of the upstream's servers, each as host:port or unix:/path. Each server must answer all commands of the upstream.
    /// </summary>
    [Shown]
    public IList<string> Addresses { get; } = [];

    /// <summary>The commands that this server forwards to the upstream.</summary>
    [Shown]
    public IList<string> Commands { get; } = [];

    /// <summary>How connections to the upstream are protected: by TLS, or by the secure handshake.</summary>
    public ClientTransport Transport { get; set; } = ClientTransport.Tls;

    /// <summary>A PEM file with the certificate authorities to trust instead of the system's authorities.</summary>
    [Shown, ReadAgain]
    public string CaPath { get; set; } = "";

    /// <summary>A PEM file with the client certificate of this server.</summary>
    [Shown, ReadAgain]
    public string CertificatePath { get; set; } = "";

    /// <summary>A PEM file with the private key of the client certificate.</summary>
    [Shown, ReadAgain]
    public string KeyPath { get; set; } = "";
}
