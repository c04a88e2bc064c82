using System.ComponentModel.DataAnnotations;
using NetworkProtocol.Client;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Edge;

/// <summary>The section <c>NetworkProtocol:Edge</c>: a node that takes messages of sensors and forwards them to a hub.</summary>
public sealed class EdgeOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "NetworkProtocol:Edge";

    /// <summary>The hub's address as host:port; empty: this node is no edge.</summary>
    [Shown]
    public string HubAddress { get; set; } = "";

    /// <summary>The path of the Unix socket for sensors.</summary>
    [Shown]
    public string LocalSocket { get; set; } = "/tmp/sensor.sock";

    /// <summary>
    /// The name under which the hub stores the messages; empty: the name in the client certificate, or the host's name without a
    /// certificate. A hub accepts only the certificate's own name.
    /// </summary>
    [Shown]
    public string Source { get; set; } = "";

    /// <summary>
    /// How long an attempt to connect to the hub may take, and how long the hub may take to answer, from 100 ms to 5 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan ConnectionTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How the connection to the hub is protected: by TLS, or by the secure handshake.</summary>
    public ClientTransport Transport { get; set; } = ClientTransport.Tls;

    /// <summary>A PEM file with the certificate authorities to trust instead of the system's authorities.</summary>
    [Shown, ReadAgain]
    public string CaPath { get; set; } = "";

    /// <summary>A PEM file with the client certificate of this edge.</summary>
    [Shown, ReadAgain]
    public string CertificatePath { get; set; } = "";

    /// <summary>A PEM file with the private key of the client certificate; empty: the key is in the certificate's file.</summary>
    [Shown, ReadAgain]
    public string KeyPath { get; set; } = "";

    /// <summary>The folder of the buffer; empty: edge in the data folder. It is created if it does not exist.</summary>
    [Shown]
    public string Path { get; set; } = "";

    /// <summary>The largest number of messages in the buffer, from 1 to 10,000,000.</summary>
    [Range(1, 10_000_000)]
    public int OfflineBufferSize { get; set; } = 10_000;

    /// <summary>The largest size of the messages in the buffer in bytes, from 1 MiB to 1 TiB.</summary>
    [Range(1L << 20, 1L << 40)]
    public long OfflineBufferBytes { get; set; } = 64L << 20;

    /// <summary>What the edge does with a new message while the buffer is full: DropOldest, DropNewest or Block.</summary>
    public WhenFull WhenFull { get; set; }

    /// <summary>
    /// Whether the edge accepts messages that are in memory alone while its disk takes none. They are lost if the edge stops before the
    /// disk takes them. Without it sensors get ERROR.
    /// </summary>
    public bool AcceptWithoutDisk { get; set; }

    /// <summary>
    /// How many messages of a backlog the edge sends in a second, from 1 to 1,000,000, so that live messages and the hub are not drowned.
    /// </summary>
    [Range(1, 1_000_000)]
    public int CatchUpRate { get; set; } = 2000;

    /// <summary>The listener for sensors that speak MQTT.</summary>
    public EdgeMqttOptions Mqtt { get; } = new();

    internal bool IsOn => HubAddress.Length > 0;

    /// <summary>The section that an error names: a hub that forwards has settings of its own.</summary>
    internal string Origin { get; private set; } = Section;

    internal Buffer.BufferOwner Owner => Origin == Section ? Buffer.BufferOwner.Edge : Buffer.BufferOwner.Hub;

    internal EdgeOptions From(string section)
    {
        Origin = section;
        return this;
    }
}
