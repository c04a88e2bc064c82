using System.ComponentModel.DataAnnotations;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Server;

/// <summary>The section <c>NetworkProtocol:Server</c>.</summary>
public sealed class ServerOptions
{
    /// <summary>The section's key.</summary>
    public const string Section = "NetworkProtocol:Server";

    /// <summary>
    /// The default of <see cref="DrainDelay"/> behind <see cref="TrustedProxies"/>: a balancer that asks every second has failed three checks by
    /// then, and has noticed.
    /// </summary>
    public static readonly TimeSpan DrainDelayBehindProxies = TimeSpan.FromSeconds(5);

    /// <summary>Address and port; port 0 picks one. Default <c>0.0.0.0:8443</c>.</summary>
    [ListenAddress("0.0.0.0:8443 or [::]:8443")]
    [Shown]
    public string Listen { get; set; } = "0.0.0.0:8443";

    /// <summary>Path of a Unix socket for the same commands, made with mode 0660. Default empty: none.</summary>
    [Shown]
    public string LocalSocket { get; set; } = "";

    /// <summary>Connections over all endpoints together, 1 to 1,000,000. Default 1000.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 1000;

    /// <summary>Connections of one IPv4 address or IPv6 /64, 0 to 1,000,000. Default 0: no limit.</summary>
    [Range(0, 1_000_000)]
    public int MaxConnectionsPerAddress { get; set; }

    /// <summary>From accept until the handshake, TLS's or ours, is complete: 100 ms to 5 min. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A Ping is sent after this silence of ours; four of the peer's end the connection. 100 ms to 1 h. Default 15 s. Over TLS and on a Unix
    /// socket that holds for clients that have sent a Ping; TCP keep-alive, with the same times, finds out whether the others are there.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a handler may take: 100 ms to 1 h. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long answers may wait for a client that does not read, and how long a packet may take that a client has begun, besides a second
    /// for each 64 KiB: 100 ms to 1 h. Default 30 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan SlowReaderTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// From not-ready until no more connections are accepted, when the server stops and when an operator drains it: 0 to 10 min. In this time
    /// load balancers notice. Default: 5 s if <see cref="TrustedProxies"/> names any, else 0.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan? DrainDelay { get; set; }

    /// <summary>The deadline for what is running when the server stops: 0 to 1 h. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest payload, sealed or plain: 1 KiB to 16 MiB. Default 16 MiB.</summary>
    [Range(1024, Packets.PacketHeader.MaxPayloadLength)]
    public int MaxPayloadBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// What all connections together may hold, in bytes, of packets over 64 KiB that are not complete, payloads of running commands, and
    /// answers that clients have not taken: 16 MiB to 1 TiB. When it is used up, the client that has kept the most bytes waiting for the
    /// longest time is ended to make room. Commands that run hold half of it at most; one too many is answered with ERROR. Default 256 MiB.
    /// </summary>
    [Range(typeof(long), "16777216", "1099511627776")]
    public long MaxBufferedBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>
    /// Handshakes that the replay cache remembers at once; beyond it new ones are refused. One IPv4 address or IPv6 /64 may hold as many as
    /// are still free after it, so at most half. 1,000 to 100,000,000. Default 1,000,000.
    /// </summary>
    [Range(1_000, 100_000_000)]
    public int ReplayCacheCapacity { get; set; } = 1_000_000;

    /// <summary>
    /// At most this often the process gives back the memory that a crowd of connections took, once 1,000 have opened or closed and then
    /// none has for a second: a collection in the background, and a trim of the C library's heap. 1 s to 1 day, or 0 for never.
    /// Default 0, because it concerns the whole program that uses the server.
    /// </summary>
    public TimeSpan MemoryReturnInterval { get; set; }

    /// <summary>
    /// Descriptors (open files and sockets) of the process's limit that the server's connections leave free: 16 to 1,073,741,824. A connection
    /// that would take one of them is closed as it comes. Default 64.
    /// </summary>
    [Range(16, 1 << 30)]
    public int SpareDescriptors { get; set; } = 64;

    /// <summary>CIDR networks whose PROXY protocol header is believed. Default: none.</summary>
    [Network]
    [Shown]
    public IList<string> TrustedProxies { get; } = [];

    /// <summary>The section <c>Tls</c>.</summary>
    public TlsOptions Tls { get; } = new();
}
