using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Push;
using NetworkProtocol.Server.Transport;
using NetworkProtocol.Server.Wire;

namespace NetworkProtocol.Server.Connections;

/// <summary>One client's connection, as lists and handlers see it.</summary>
public sealed class Connection
{
    private readonly ConnectionContext _context;
    private readonly TimeProvider _time;
    private readonly RecentMessages _recent = new();
    private Outbox? _outbox;
    private int _reason;
    private volatile int _disconnect;
    private long _disconnectRequestedAt;

    internal Connection(long id, ConnectionContext context, TimeProvider time)
    {
        Id = id;
        _context = context;
        _time = time;
        Request = new RequestInFlight(time);
        Activity = new ConnectionActivity(time);
        RemoteEndPoint = context.RemoteEndPoint;
        ConnectedAt = time.GetUtcNow();
        AcceptedTimestamp = time.GetTimestamp();
    }

    /// <summary>A number that no other connection of this process has.</summary>
    public long Id { get; }

    /// <summary>The client's address; behind a trusted proxy the address that the PROXY header names.</summary>
    public EndPoint? RemoteEndPoint
    {
        get;
        internal set => field = value is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped // of a socket for both IPv4 and IPv6
            ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port)
            : value;
    }

    /// <summary>The trusted proxy between the client and the server, or null.</summary>
    public EndPoint? ProxyEndPoint { get; internal set; }

    /// <summary>How the client reached the server.</summary>
    public ConnectionTransport Transport { get; internal set; }

    /// <summary>The name of the <see cref="LocalEndpoint"/> that accepted the connection; null for the server's own endpoints.</summary>
    public string? Endpoint { get; internal set; }

    /// <summary>The TLS version and cipher suite, as <c>TLS 1.3, TLS_AES_256_GCM_SHA384</c>, or null.</summary>
    public string? TlsParameters { get; internal set; }

    /// <summary>Who the client is: by its verified certificate, or on a Unix socket by its user.</summary>
    public ClientIdentity Identity { get; internal set; } = ClientIdentity.None;

    /// <summary>When the server accepted the connection.</summary>
    public DateTimeOffset ConnectedAt { get; }

    /// <summary>Messages received.</summary>
    public long MessagesReceived { get; internal set; }

    /// <summary>Messages sent.</summary>
    public long MessagesSent { get; internal set; }

    /// <summary>Bytes of packets received.</summary>
    public long BytesReceived { get; internal set; }

    /// <summary>Bytes of packets sent.</summary>
    public long BytesSent { get; internal set; }

    /// <summary>How long ago the server accepted the connection.</summary>
    public TimeSpan Age => _time.GetElapsedTime(AcceptedTimestamp);

    /// <summary>
    /// How long ago the client last sent a message of its own accord, so a Pong does not count; since the accept if it has sent none.
    /// </summary>
    public TimeSpan Idle => _time.GetElapsedTime(_recent.LastReceivedAt is not 0 and var at ? at : AcceptedTimestamp);

    /// <summary>
    /// From the server's last Ping to its Pong; null until there was one. The server sends a Ping only after it has sent nothing for
    /// <see cref="ServerOptions.HeartbeatInterval"/>, and only if <see cref="IsPinged"/>.
    /// </summary>
    public TimeSpan? RoundTripTime => Activity.RoundTripTime;

    /// <summary>How long ago <see cref="RoundTripTime"/> was measured; null until it was.</summary>
    public TimeSpan? RoundTripAge => Activity.RoundTripAge;

    /// <summary>Whether the server sends this client Pings.</summary>
    public bool IsPinged => Established && HasHeartbeat;

    /// <summary>The command whose handler runs, or null.</summary>
    public string? CommandInFlight => Request.Command;

    /// <summary>The last error on this connection, or null. The text may contain words that the client chose.</summary>
    public string? LastError { get; internal set; }

    /// <summary>The last messages, oldest first, without the server's Pings and their Pongs.</summary>
    public IReadOnlyList<RecentMessage> RecentMessages => _recent.ToArray();

    /// <summary>The command of the client's last message, or the message's kind in capitals; null before the first message.</summary>
    public string? LastCommand => _recent.LastReceived;

    /// <summary>What the connection does at this moment.</summary>
    public ConnectionState State =>
        DisconnectReason != CloseReason.None || CloseReason != CloseReason.None ? ConnectionState.Closing
        : !Established ? ConnectionState.Handshaking
        : Activity.FlushStarted != 0 ? ConnectionState.Sending
        : Request.IsRunning ? ConnectionState.Running
        : ConnectionState.Waiting;

    /// <summary>Why the connection ended, or <see cref="CloseReason.None"/>.</summary>
    public CloseReason CloseReason => (CloseReason)Volatile.Read(ref _reason);

    /// <summary>What the sweeper judges the connection by.</summary>
    internal ConnectionActivity Activity { get; }

    internal RequestInFlight Request { get; }

    /// <summary>Why the client's TLS certificate, or the lack of one, is refused; null if it is not refused.</summary>
    internal string? CertificateProblem { get; set; }

    internal long AcceptedTimestamp { get; }

    /// <summary>Whether the connection counts towards the limit of its client's address.</summary>
    internal bool CountsForAddress { get; set; }

    /// <summary>Whether the handshake is complete.</summary>
    internal volatile bool Established;

    internal volatile bool Aborted;
    internal volatile bool IsPastTls;

    internal System.IO.Pipelines.PipeReader? Input { get; set; }

    /// <summary>The messages that are pushed to the client; null unless the connection takes pushed messages.</summary>
    internal Outbox? Outbox { get => Volatile.Read(ref _outbox); set => Volatile.Write(ref _outbox, value); }

    /// <summary>Whether the connection has ended and can join no group any more. The lock of <see cref="Groups"/> guards it.</summary>
    internal bool IsClosedToGroups { get; set; }

    /// <summary>Runs the connection's handlers; null before the first command.</summary>
    internal CommandRunner? Runner { get; set; }

    /// <summary>Why the client is to be disconnected, or <see cref="CloseReason.None"/>.</summary>
    internal CloseReason DisconnectReason => (CloseReason)_disconnect;

    /// <summary>When the disconnect was requested, as a timestamp.</summary>
    internal long DisconnectRequestedAt => Volatile.Read(ref _disconnectRequestedAt);

    /// <summary>The reason if the socket is lost: a client that was to be disconnected may close before it was told.</summary>
    internal CloseReason ReasonIfLost => DisconnectReason == CloseReason.None ? CloseReason.ClientLeft : DisconnectReason;

    /// <summary>
    /// Whether the server sends Pings and ends a silent client. On TLS and Unix sockets only a client that has sent a Ping expects one:
    /// the reference's client would take a Ping for the answer to its next request.
    /// </summary>
    internal bool HasHeartbeat => Transport == ConnectionTransport.Secure || Activity.HasPinged;

    /// <summary>
    /// Has the loop answer what it has read, send Disconnect, and end. An operator's request overrides a drain's, which may be undone.
    /// </summary>
    internal void Disconnect(CloseReason reason)
    {
        var before = DisconnectReason;
        if (before == CloseReason.None || (before == CloseReason.Draining && reason == CloseReason.DisconnectedByOperator))
        {
            Volatile.Write(ref _disconnectRequestedAt, _time.GetTimestamp()); // first: the sweeper reads the time once it sees the reason
            Interlocked.CompareExchange(ref _disconnect, (int)reason, (int)before);
        }

        WakeLoop();
    }

    /// <summary>Takes <see cref="Disconnect"/> back, if the client was not told yet.</summary>
    internal void UndoDisconnect(CloseReason reason) => Interlocked.CompareExchange(ref _disconnect, 0, (int)reason);

    internal void Note(string message, int bytes, bool sent, long at) => _recent.Add(new RecentMessage(at, message, bytes, sent));

    /// <summary>Sets the reason of the end. The first reason stays.</summary>
    internal void EndWith(CloseReason reason) => Interlocked.CompareExchange(ref _reason, (int)reason, 0);

    /// <summary>Ends the connection now: nothing more is sent.</summary>
    internal void Abort(CloseReason reason)
    {
        EndWith(reason);
        Aborted = true;
        Request.Close();
        WakeLoop();
        _context.Abort(new ConnectionAbortedException(reason.ToName()));
    }

    /// <summary>
    /// Aborts if the client is gone. A client that sends no more may have closed only its sending side and still read answers (a
    /// half-close); only a socket that was reset, or closed on both sides, cannot take answers any more.
    /// </summary>
    internal void EndIfReset()
    {
        if (_context.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket && SocketPoll.IsOver(socket))
        {
            Abort(ReasonIfLost);
        }
    }

    /// <summary>
    /// Waits for the socket to close, before the connection gives its place to another one. Kestrel sends the remaining bytes before it
    /// closes a socket, and a client that does not read could hold the socket for ever. Such a connection therefore keeps its place until
    /// the socket is closed, and the sweeper ends it as it ends any slow reader.
    /// </summary>
    internal ValueTask CloseSocketAsync()
    {
        if (_context.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket || SocketPoll.IsWritable(socket))
        {
            return ValueTask.CompletedTask; // the bytes leave at once; and a client that sees the end may connect again at once
        }

        Activity.BeginFlush(bytes: 0);
        return _context.DisposeAsync();
    }

    /// <summary>On TLS, tells the client that nothing more is sent.</summary>
    internal Task SendCloseNotifyAsync() => CloseNotify.SendAsync(_context, _time);

    /// <summary>Wakes the connection's own loop, which alone writes to the client.</summary>
    internal void WakeLoop()
    {
        try
        {
            Input?.CancelPendingRead();
        }
        catch (ObjectDisposedException)
        {
            // The connection has just ended by itself.
        }

        Runner?.Wake();
    }

    internal void EndRequest(long now)
    {
        Request.End();
        Activity.LastReceived = now;
    }

    /// <summary>Cancels the request if it has run for longer than its command may.</summary>
    internal void TimeOutRequest(long now)
    {
        if (Request.TryTimeOut(now))
        {
            WakeLoop();
        }
    }
}
