using System.Threading.Channels;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Client;

/// <summary>How one connection is made and how long it waits. The defaults suit a server whose certificate the system trusts.</summary>
public sealed class ConnectionOptions
{
    /// <summary>What protects a TCP connection; a Unix socket ignores it. Default <see cref="ClientTransport.Tls"/>.</summary>
    public ClientTransport Transport { get; set; } = ClientTransport.Tls;

    /// <summary>Whom to trust, what to show, and which versions: for <see cref="ClientTransport.Tls"/>.</summary>
    public ClientTlsOptions Tls { get; set; } = new();

    /// <summary>
    /// For name lookup, connection and handshake together, over all IP addresses of the name: 1 ms to 24 days, or
    /// <see cref="Timeout.InfiniteTimeSpan"/>. Default 5 s. The addresses are tried in turns, each 250 ms after the last or earlier, and the
    /// first that completes the handshake is used (RFC 8305).
    /// </summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// For one request, waiting for its turn included: 1 ms to 24 days, or <see cref="Timeout.InfiniteTimeSpan"/>.
    /// It is kept to within a tenth of itself, at most 1 s. Default 30 s.
    /// </summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Requests that may be without an answer at once, 1 to 1,000,000; further ones wait. Default 1024.</summary>
    public int MaxRequestsInFlight { get; set; } = 1024;

    /// <summary>
    /// Bytes that may wait to be sent, 1 KiB to 1 GiB; beyond it requests wait. One message may be larger. Default 1 MiB.
    /// </summary>
    public int MaxUnsentBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// A Ping is sent each time this has passed, and a server that says nothing for four of them is taken for dead: 10 ms to
    /// 24 days, or <see cref="Timeout.InfiniteTimeSpan"/> for neither. Default 15 s, as a server's heartbeat.
    /// </summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Messages that nobody asked for and nobody has read yet, 1 to 1,000,000, over all connections of a <see cref="ProtocolClient"/>;
    /// when one more comes, the oldest is dropped and counted, so that answers never wait behind them. Default 1000.
    /// </summary>
    public int UnaskedCapacity { get; set; } = 1000;

    /// <summary>
    /// Takes any Custom or Echo for the answer to a Custom. Default false: an answer keeps its request's command or is an ERROR, so
    /// that a message which the server sends of its own accord is never taken for one.
    /// </summary>
    public bool AcceptAnyCommandAsAnswer { get; set; }

    /// <summary>
    /// Sends the current activity with each Custom that is a request, as <c>NAME;traceparent=…</c>: only for servers that understand it, as ours
    /// does. Default false.
    /// </summary>
    public bool SendTraceContext { get; set; }

    /// <summary>
    /// Makes the stream to a server in place of a socket: a proxy, a transport in memory. TLS or the secure handshake go over
    /// it. Default null: TCP, or the address's Unix socket.
    /// </summary>
    public Func<ServerAddress, CancellationToken, ValueTask<Stream>>? Dial { get; set; }

    /// <summary>The clock for time limits and for the handshake's timestamp. Default <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>A copy, so that later changes have no effect on an open connection.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal ConnectionOptions Validated()
    {
        OptionsCheck.ThrowIfBad(Check);
        return Copy();
    }

    /// <summary>Where a connection that is one of several puts what nobody asked for.</summary>
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
        check.True(nameof(Transport), Transport != ClientTransport.None || Dial is not null, $"= None needs {nameof(Dial)}: a TCP connection is never without protection");
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
