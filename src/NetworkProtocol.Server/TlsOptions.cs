using NetworkProtocol.Settings;

namespace NetworkProtocol.Server;

/// <summary>The section <c>NetworkProtocol:Server:Tls</c>.</summary>
public sealed class TlsOptions
{
    /// <summary>
    /// Which transports the TCP port accepts. Default <see cref="TlsMode.Optional"/> in Development, else <see cref="TlsMode.Required"/>.
    /// </summary>
    public TlsMode? Mode { get; set; }

    /// <summary>A PEM file with the certificate and then its chain.</summary>
    [Shown, ReadAgain]
    public string CertificatePath { get; set; } = "";

    /// <summary>A PEM file with the private key (PKCS#8, EC or RSA, not encrypted).</summary>
    [Shown, ReadAgain]
    public string KeyPath { get; set; } = "";

    /// <summary>Whether clients send a certificate. Default <see cref="ClientCertificates.None"/>.</summary>
    public ClientCertificates ClientCertificates { get; set; }

    /// <summary>A PEM file with the authorities that may issue client certificates.</summary>
    [Shown, ReadAgain]
    public string ClientCaPath { get; set; } = "";
}

/// <summary>Which transports a TCP port accepts.</summary>
public enum TlsMode
{
    /// <summary>Only TLS.</summary>
    Required,

    /// <summary>TLS and the secure handshake; the first byte tells which.</summary>
    Optional,

    /// <summary>Only the secure handshake.</summary>
    Disabled,
}

/// <summary>Whether TLS clients send a certificate.</summary>
public enum ClientCertificates
{
    /// <summary>The server requests no certificate.</summary>
    None,

    /// <summary>The server requests a certificate. A client may send none, but a certificate that it sends must be valid.</summary>
    Optional,

    /// <summary>Only clients with a valid certificate can connect.</summary>
    Required,
}
