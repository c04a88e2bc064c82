using System.ComponentModel.DataAnnotations;
using NetworkProtocol.Client;
using NetworkProtocol.Edge;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Hub;

/// <summary>How a hub forwards what it stores to the next hub.</summary>
public sealed class HubForwardOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = $"{HubOptions.Section}:Forward";

    private const string DefaultFolder = "forward";

    /// <summary>The next hub's address as host:port; empty: this hub forwards nothing.</summary>
    [Shown]
    public string Address { get; set; } = "";

    /// <summary>What the hub forwards: Rollups, Messages or Both.</summary>
    public ForwardWhat What { get; set; } = ForwardWhat.Rollups;

    /// <summary>
    /// The name under which the next hub stores what this hub forwards; empty: the name in the client certificate, or the host's name
    /// without a certificate. The next hub accepts only the certificate's own name. With the store PostgreSql all nodes of the hub need the
    /// same name.
    /// </summary>
    [Shown]
    public string Source { get; set; } = "";

    /// <summary>
    /// How long an attempt to connect to the next hub may take, and how long it may take to answer, from 100 ms to 5 min. A slow line needs
    /// more: a batch has up to 256 KiB.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan ConnectionTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How the connection to the next hub is protected: Tls or SecureHandshake.</summary>
    [AllowedValues(ClientTransport.Tls, ClientTransport.SecureHandshake, ErrorMessage = "Tls or SecureHandshake")]
    public ClientTransport Transport { get; set; } = ClientTransport.Tls;

    /// <summary>A PEM file with the certificate authorities to trust instead of the system's authorities.</summary>
    [Shown, ReadAgain]
    public string CaPath { get; set; } = "";

    /// <summary>A PEM file with the client certificate of this hub.</summary>
    [Shown, ReadAgain]
    public string CertificatePath { get; set; } = "";

    /// <summary>A PEM file with the private key of the client certificate; empty: the key is in the certificate's file.</summary>
    [Shown, ReadAgain]
    public string KeyPath { get; set; } = "";

    /// <summary>
    /// The folder of the buffer; empty: forward in the data folder. It is created if it does not exist, and must not be Edge:Path. With the
    /// store PostgreSql the database is the buffer, and there is no folder.
    /// </summary>
    [Shown]
    public string Path { get; set; } = "";

    /// <summary>
    /// The largest number of messages in the buffer, from 1 to 10,000,000. What has no room there waits in the store. With the store
    /// PostgreSql only rollups wait, while so many bulk messages are before them.
    /// </summary>
    [Range(1, 10_000_000)]
    public int BufferSize { get; set; } = 10_000;

    /// <summary>
    /// The largest size of the messages in the buffer in bytes, from 1 MiB to 1 TiB. It means nothing with the store PostgreSql.
    /// </summary>
    [Range(1L << 20, 1L << 40)]
    public long BufferBytes { get; set; } = 64L << 20;

    /// <summary>
    /// How many messages of a backlog the hub sends in a second, from 1 to 1,000,000, so that the next hub is not drowned.
    /// </summary>
    [Range(1, 1_000_000)]
    public int CatchUpRate { get; set; } = 2000;

    /// <summary>
    /// How many messages, and how many rollups, wait in the store at most, from 1,000 to 1,000,000,000. Beyond that the hub does not
    /// forward the oldest ones.
    /// </summary>
    [Range(1000L, 1_000_000_000L)]
    public long MaxBacklog { get; set; } = 1_000_000;

    /// <summary>
    /// The size of the messages that wait in the store at most in bytes, from 1 MiB to 1 TiB. Beyond that the hub does not forward the
    /// oldest ones.
    /// </summary>
    [Range(1L << 20, 1L << 40)]
    public long MaxBacklogBytes { get; set; } = 1L << 30;

    /// <summary>The folder to which a relative path belongs, as that of the store; empty: the working directory.</summary>
    internal string Root { get; set; } = "";

    internal bool IsOn => Address.Length > 0;

    /// <summary>What the store keeps for the next hub; null: nothing.</summary>
    internal ForwardWhat? Wanted => IsOn ? What : null;

    internal EdgeOptions ToEdge() => new()
    {
        HubAddress = Address,
        Source = Source,
        ConnectionTimeout = ConnectionTimeout,
        Transport = Transport,
        CaPath = CaPath,
        CertificatePath = CertificatePath,
        KeyPath = KeyPath,
        Path = System.IO.Path.Combine(Root, Path.Length > 0 ? Path : DefaultFolder),
        OfflineBufferSize = BufferSize,
        OfflineBufferBytes = BufferBytes,
        WhenFull = WhenFull.Block,
        CatchUpRate = CatchUpRate,
    };
}
