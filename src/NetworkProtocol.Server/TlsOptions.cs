using NetworkProtocol.Settings;

namespace NetworkProtocol.Server;

/// <summary>The section <c>NetworkProtocol:Server:Tls</c>.</summary>
public sealed class TlsOptions
{
    /// <summary>Which transports the TCP port accepts. Default <see cref="TlsMode.Optional"/> in Development, else <see cref="TlsMode.Required"/>.</summary>
    public TlsMode? Mode { get; set; }

    /// <summary>A PEM file: the certificate, then its chain.</summary>
    [Shown, ReadAgain]
    public string CertificatePath { get; set; } = "";

    /// <summary>A PEM file: the private key (PKCS#8, EC or RSA, not encrypted).</summary>
    [Shown, ReadAgain]
    public string KeyPath { get; set; } = "";

    /// <summary>Whether clients show a certificate. Default <see cref="ClientCertificates.None"/>.</summary>
    public ClientCertificates ClientCertificates { get; set; }

    /// <summary>A PEM file: the authorities that client certificates may come from.</summary>
    [Shown, ReadAgain]
    public string ClientCaPath { get; set; } = "";
}

/// <summary>Which transports a TCP port accepts.</summary>
public enum TlsMode
{
    /// <summary>TLS alone.</summary>
    Required,

    /// <summary>TLS and the secure handshake, told apart by the first byte.</summary>
    Optional,

    /// <summary>The secure handshake alone.</summary>
    Disabled,
}

/// <summary>Whether TLS clients show a certificate.</summary>
public enum ClientCertificates
{
    /// <summary>They are not asked.</summary>
    None,

    /// <summary>They are asked; one that is shown must be good.</summary>
    Optional,

    /// <summary>Only clients with a good certificate connect.</summary>
    Required,
}
