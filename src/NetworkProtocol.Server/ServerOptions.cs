using System.ComponentModel.DataAnnotations;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Server;

/// <summary>The section <c>NetworkProtocol:Server</c>.</summary>
public sealed class ServerOptions
{
    /// <summary>The section's key.</summary>
    public const string Section = "NetworkProtocol:Server";

    /// <summary>
    /// The default of <see cref="DrainDelay"/> behind <see cref="TrustedProxies"/>: until then a load balancer that checks once a second
    /// has seen three failed checks, and sends no more connections.
    /// </summary>
    public static readonly TimeSpan DrainDelayBehindProxies = TimeSpan.FromSeconds(5);

    /// <summary>Address and port; port 0 picks one. Default <c>0.0.0.0:8443</c>.</summary>
    [ListenAddress("0.0.0.0:8443 or [::]:8443")]
    [Shown]
    public string Listen { get; set; } = "0.0.0.0:8443";

    /// <summary>Path of a Unix socket for the same commands, with mode 0660. Default empty: no socket.</summary>
    [Shown]
    public string LocalSocket { get; set; } = "";

    /// <summary>Connections over all endpoints together, 1 to 1,000,000. Default 1000.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 1000;

    /// <summary>Connections of one IPv4 address or IPv6 /64, 0 to 1,000,000. Default 0: no limit.</summary>
    [Range(0, 1_000_000)]
    public int MaxConnectionsPerAddress { get; set; }

    /// <summary>From the accept until the TLS or secure handshake is complete: 100 ms to 5 min. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The server sends a Ping after it has sent nothing for this time, and ends a connection whose client has sent nothing for four times
    /// this time: 100 ms to 1 h. Default 15 s. Over TLS and on a Unix socket this applies to clients that have sent a Ping; TCP keep-alive,
    /// with the same times, finds out whether other clients are still connected.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a handler may take: 100 ms to 1 h. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long answers may wait for a client that does not read, and how long a client may take to finish a packet; a second more for each
    /// 64 KiB: 100 ms to 1 h. Default 30 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan SlowReaderTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the server, when it stops or an operator drains it, is not ready but still accepts connections, so that load balancers
    /// notice: 0 to 10 min. Default: 5 s if <see cref="TrustedProxies"/> has entries, else 0.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan? DrainDelay { get; set; }

    /// <summary>How long connections may take to end when the server stops: 0 to 1 h. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest payload of a packet, encrypted or not: 1 KiB to 16 MiB. Default 16 MiB.</summary>
    [Range(1024, Packets.PacketHeader.MaxPayloadLength)]
    public int MaxPayloadBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// The bytes that all connections together may hold of incomplete packets over 64 KiB, payloads of running commands, and answers that
    /// clients have not read: 16 MiB to 1 TiB. When they are used up, the server evicts the connections that have kept the most bytes
    /// waiting for the longest time. Running commands hold at most half of the bytes, and a command beyond that gets ERROR. Default 256
    /// MiB.
    /// </summary>
    [Range(typeof(long), "16777216", "1099511627776")]
    public long MaxBufferedBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>
    /// How many handshakes the replay cache remembers at once; beyond that, new handshakes are refused. One IPv4 address or IPv6 /64 may
    /// hold at most as many as it leaves free, so at most half. 1,000 to 100,000,000. Default 1,000,000.
    /// </summary>
    [Range(1_000, 100_000_000)]
    public int ReplayCacheCapacity { get; set; } = 1_000_000;

    /// <summary>
    /// At most once in this time the process returns memory to the system, after 1,000 connections have opened or closed and then none for
    /// a second: by a garbage collection in the background, and a trim of the C library's heap. 1 s to 1 day, or 0 for never. Default 0,
    /// because a collection concerns the whole program that uses the server.
    /// </summary>
    public TimeSpan MemoryReturnInterval { get; set; }

    /// <summary>
    /// How many descriptors (open files and sockets) of the process's limit the server's connections leave free: 16 to 1,073,741,824. A
    /// connection that would take one of them is closed at the accept. Default 64.
    /// </summary>
    [Range(16, 1 << 30)]
    public int SpareDescriptors { get; set; } = 64;

    /// <summary>The networks of proxies, as CIDR, whose PROXY protocol header the server believes. Default: none.</summary>
    [Network]
    [Shown]
    public IList<string> TrustedProxies { get; } = [];

    /// <summary>The section <c>Tls</c>.</summary>
    public TlsOptions Tls { get; } = new();
}
