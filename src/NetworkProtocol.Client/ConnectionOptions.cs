using System.Threading.Channels;
using NetworkProtocol.Client.Validation;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Client;

/// <summary>Options of each connection. The defaults suit a server whose certificate the system trusts.</summary>
public sealed class ConnectionOptions
{
    /// <summary>The protection of a TCP connection. A Unix socket ignores it. Default <see cref="ClientTransport.Tls"/>.</summary>
    public ClientTransport Transport { get; set; } = ClientTransport.Tls;

    /// <summary>The trusted servers, the client's certificate and the versions, for <see cref="ClientTransport.Tls"/>.</summary>
    public ClientTlsOptions Tls { get; set; } = new();

    /// <summary>
    /// The timeout for name lookup, connection and handshake together, over all IP addresses of the name: 1 ms to 24 days, or
    /// <see cref="Timeout.InfiniteTimeSpan"/>. The attempt to each address starts at most 250 ms after the one before, and the client
    /// uses the first that completes the handshake (RFC 8305). Default 5 s.
    /// </summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The timeout of one request, including the time before the request is sent: 1 ms to 24 days, or
    /// <see cref="Timeout.InfiniteTimeSpan"/>. A request may end later than that by a tenth of the timeout, and by at most 1 s.
    /// Default 30 s.
    /// </summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The largest number of requests without an answer on one connection, 1 to 1,000,000. Further requests wait. Default 1024.
    /// </summary>
    public int MaxRequestsInFlight { get; set; } = 1024;

    /// <summary>
    /// The number of unsent bytes at which requests begin to wait, in bytes, 1 KiB to 1 GiB. One message may be larger. Default 1 MiB.
    /// </summary>
    public int MaxUnsentBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// The interval between two Pings: 10 ms to 24 days. A connection on which the server sends nothing for four intervals is
    /// considered dead and closed. <see cref="Timeout.InfiniteTimeSpan"/> turns both off. Default 15 s, as the server's heartbeat.
    /// </summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The largest number of messages that answer no request and that nobody has read yet, over all connections of a
    /// <see cref="ProtocolClient"/>: 1 to 1,000,000. When one more message arrives, the oldest is dropped and counted, so that answers
    /// never wait behind these messages. Default 1000.
    /// </summary>
    public int UnaskedCapacity { get; set; } = 1000;

    /// <summary>
    /// Whether any Custom or Echo can be the answer to a Custom. Default false: only a Custom with the request's command and an ERROR
    /// can, so that a message that the server pushes is not mistaken for an answer.
    /// </summary>
    public bool AcceptAnyCommandAsAnswer { get; set; }

    /// <summary>
    /// Whether each request that is a Custom carries the current activity in its command, as <c>NAME;traceparent=…</c>. The server must
    /// understand that, as ours does. Default false.
    /// </summary>
    public bool SendTraceContext { get; set; }

    /// <summary>
    /// Makes the stream to a server in place of a socket, for example through a proxy or in memory. TLS or the secure handshake runs
    /// over that stream. Default null: TCP, or the address's Unix socket.
    /// </summary>
    public Func<ServerAddress, CancellationToken, ValueTask<Stream>>? Dial { get; set; }

    /// <summary>The clock for timeouts and for the handshake's timestamp. Default <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Checks the options and copies them, so that later changes have no effect on an open connection.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal ConnectionOptions Validated()
    {
        OptionsCheck.ThrowIfBad(Check);
        return Copy();
    }

    /// <summary>
    /// The channel that all connections of one client share for messages that answer no request; null for a single connection.
    /// </summary>
    internal Channel<Message>? SharedUnasked { get; private set; }

    internal Channel<Message> ShareUnasked(Action dropped) => SharedUnasked = CreateUnasked(dropped);

    internal Channel<Message> CreateUnasked(Action dropped) => Channel.CreateBounded<Message>(
        new BoundedChannelOptions(UnaskedCapacity) { FullMode = BoundedChannelFullMode.DropOldest }, _ => dropped());

    internal ClientTransport TransportTo(ServerAddress address) => address.IsUnix ? ClientTransport.None : Transport;

    internal ConnectionOptions Copy()
    {
        var copy = (ConnectionOptions)MemberwiseClone();
        copy.Tls = Tls.Copy();
        return copy;
    }

    internal void Check(OptionsCheck check)
    {
        check.Defined(nameof(Transport), Transport);
        check.True(
            nameof(Transport),
            Transport != ClientTransport.None || Dial is not null,
            $"= None needs {nameof(Dial)}: a TCP connection is always protected");
        check.Timeout(nameof(ConnectTimeout), ConnectTimeout, TimeSpan.FromMilliseconds(1));
        check.Timeout(nameof(RequestTimeout), RequestTimeout, TimeSpan.FromMilliseconds(1));
        check.Timeout(nameof(KeepAliveInterval), KeepAliveInterval, TimeSpan.FromMilliseconds(10));
        check.Range(nameof(MaxRequestsInFlight), MaxRequestsInFlight, 1, 1_000_000);
        check.Range(nameof(MaxUnsentBytes), MaxUnsentBytes, 1024, 1024 * 1024 * 1024);
        check.Range(nameof(UnaskedCapacity), UnaskedCapacity, 1, 1_000_000);
        check.True(nameof(TimeProvider), TimeProvider is not null, "must not be null");
        check.Part(nameof(Tls), Tls, static (part, within) => part.Check(within));
    }
}
