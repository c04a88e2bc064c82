using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Push;
using NetworkProtocol.Server.Transport;
using NetworkProtocol.Server.Wire;

namespace NetworkProtocol.Server.Connections;

/// <summary>How a client reached the server.</summary>
public enum ConnectionTransport
{
    /// <summary>Not known until the first byte.</summary>
    Undecided,

    /// <summary>TCP with the secure handshake.</summary>
    Secure,

    /// <summary>TCP with TLS.</summary>
    Tls,

    /// <summary>A Unix socket.</summary>
    Local,
}

/// <summary>What a connection does at a moment.</summary>
public enum ConnectionState
{
    /// <summary>It has not proved that it is a client yet.</summary>
    Handshaking,

    /// <summary>The server waits for its next message.</summary>
    Waiting,

    /// <summary>A command's handler runs.</summary>
    Running,

    /// <summary>Answers wait for the client to read them.</summary>
    Sending,

    /// <summary>It is ending.</summary>
    Closing,
}

/// <summary>One client's connection: what lists and handlers may know, and the state that the sweeper watches.</summary>
public sealed class Connection
{
    private readonly ConnectionContext _context;
    private readonly TimeProvider _time;
    private readonly RecentMessages _recent = new();
    private Outbox? _outbox;
    private int _reason;
    private volatile int _disconnect;
    private long _roundTrip = -1;
    private long _roundTripMeasured;

    internal Connection(long id, ConnectionContext context, TimeProvider time)
    {
        Id = id;
        _context = context;
        _time = time;
        Request = new RequestInFlight(time);
        RemoteEndPoint = context.RemoteEndPoint;
        ConnectedAt = time.GetUtcNow();
        AcceptedTimestamp = LastReceived = LastSent = time.GetTimestamp();
    }

    /// <summary>A number that no other connection of this process has.</summary>
    public long Id { get; }

    /// <summary>The client; behind a trusted proxy the one that its header names.</summary>
    public EndPoint? RemoteEndPoint
    {
        get;
        internal set => field = value is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped // of a socket for both IPv4 and IPv6
            ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port)
            : value;
    }

    /// <summary>The trusted proxy that the client came through, or null.</summary>
    public EndPoint? ProxyEndPoint { get; internal set; }

    /// <summary>How the client reached the server.</summary>
    public ConnectionTransport Transport { get; internal set; }

    /// <summary>The TLS version and cipher suite, as <c>TLS 1.3, TLS_AES_256_GCM_SHA384</c>, or null.</summary>
    public string? TlsParameters { get; internal set; }

    /// <summary>Who the client is: by its verified certificate, or on a Unix socket by its user.</summary>
    public ClientIdentity Identity { get; internal set; } = ClientIdentity.None;

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset ConnectedAt { get; }

    /// <summary>Messages received.</summary>
    public long MessagesReceived { get; internal set; }

    /// <summary>Messages sent.</summary>
    public long MessagesSent { get; internal set; }

    /// <summary>Bytes of packets received.</summary>
    public long BytesReceived { get; internal set; }

    /// <summary>Bytes of packets sent.</summary>
    public long BytesSent { get; internal set; }

    /// <summary>How long ago it was accepted.</summary>
    public TimeSpan Age => _time.GetElapsedTime(AcceptedTimestamp);

    /// <summary>How long ago the client said something of its own accord; since it was accepted if it never did. A Pong is no such thing.</summary>
    public TimeSpan Idle => _time.GetElapsedTime(_recent.LastReceivedAt is not 0 and var at ? at : AcceptedTimestamp);

    /// <summary>
    /// From the server's last Ping to its Pong; null until there was one. The server sends a Ping only after it has sent nothing for
    /// <see cref="ServerOptions.HeartbeatInterval"/>, and none unless <see cref="IsPinged"/>.
    /// </summary>
    public TimeSpan? RoundTripTime => Volatile.Read(ref _roundTrip) is >= 0 and var ticks ? new TimeSpan(ticks) : null;

    /// <summary>How long ago <see cref="RoundTripTime"/> was measured; null until it was.</summary>
    public TimeSpan? RoundTripAge => RoundTripTime is null ? null : _time.GetElapsedTime(Volatile.Read(ref _roundTripMeasured));

    /// <summary>Whether the server sends this client Pings.</summary>
    public bool IsPinged => Established && HasHeartbeat;

    /// <summary>The command whose handler runs, or null.</summary>
    public string? CommandInFlight => Request.Command;

    /// <summary>What went wrong last, or null. It may hold words that the client chose.</summary>
    public string? LastError { get; internal set; }

    /// <summary>Its last messages, oldest first, without the server's Pings and their Pongs.</summary>
    public IReadOnlyList<RecentMessage> RecentMessages => _recent.ToArray();

    /// <summary>The command of the client's last message, or its kind in capitals; null before the first.</summary>
    public string? LastCommand => _recent.LastReceived;

    /// <summary>What it does at this moment.</summary>
    public ConnectionState State =>
        DisconnectReason != CloseReason.None || CloseReason != CloseReason.None ? ConnectionState.Closing
        : !Established ? ConnectionState.Handshaking
        : Volatile.Read(ref FlushStarted) != 0 ? ConnectionState.Sending
        : Request.IsRunning ? ConnectionState.Running
        : ConnectionState.Waiting;

    /// <summary>Why it ended, or <see cref="CloseReason.None"/>.</summary>
    public CloseReason CloseReason => (CloseReason)Volatile.Read(ref _reason);

    /// <summary>Why its TLS certificate, or the lack of one, is refused; null if it is not.</summary>
    internal string? CertificateProblem { get; set; }

    internal long AcceptedTimestamp { get; }

    /// <summary>Whether it counts for its address.</summary>
    internal bool CountsForAddress { get; set; }

    internal volatile bool Established;
    internal volatile bool PingDue;
    internal volatile bool Aborted;
    internal volatile bool IsPastTls;
    internal volatile bool HasPinged;
    internal long LastReceived;
    internal long LastSent;
    internal long FlushStarted;
    internal long FlushBytes;
    internal long PacketStarted;
    internal long PacketBytes;
    internal long DisconnectRequestedAt;
    internal long PingSent;

    internal RequestInFlight Request { get; }

    internal System.IO.Pipelines.PipeReader? Input { get; set; }

    /// <summary>What is pushed to it; null unless it takes pushed messages.</summary>
    internal Outbox? Outbox { get => Volatile.Read(ref _outbox); set => Volatile.Write(ref _outbox, value); }

    /// <summary>Whether it has ended, and can join no group. The lock of <see cref="Groups"/> guards it.</summary>
    internal bool IsClosedToGroups { get; set; }

    /// <summary>What runs its handlers; null before the first.</summary>
    internal CommandRunner? Runner { get; set; }

    /// <summary>Why the client is to be told Disconnect, or <see cref="CloseReason.None"/>.</summary>
    internal CloseReason DisconnectReason => (CloseReason)_disconnect;

    /// <summary>Why the socket is gone: whoever was asked to leave is closed if it does not end by itself.</summary>
    internal CloseReason ReasonIfLost => DisconnectReason == CloseReason.None ? CloseReason.ClientLeft : DisconnectReason;

    /// <summary>
    /// Whether the server sends Pings and ends a silent client. On TLS and Unix sockets only a client that has sent a Ping expects one:
    /// the reference's client would take it for the answer to its next request.
    /// </summary>
    internal bool HasHeartbeat => Transport == ConnectionTransport.Secure || HasPinged;

    /// <summary>Answers what was read, says Disconnect, and ends.</summary>
    internal void Disconnect(CloseReason reason)
    {
        var before = DisconnectReason;
        if (before == CloseReason.None || (before == CloseReason.Draining && reason == CloseReason.Disconnected)) // a drain may be undone
        {
            Volatile.Write(ref DisconnectRequestedAt, _time.GetTimestamp()); // first: the sweeper looks at it once it sees the reason
            Interlocked.CompareExchange(ref _disconnect, (int)reason, (int)before);
        }

        WakeLoop();
    }

    /// <summary>Takes <see cref="Disconnect"/> back, if the client was not told yet.</summary>
    internal void UndoDisconnect(CloseReason reason) => Interlocked.CompareExchange(ref _disconnect, 0, (int)reason);

    internal void Note(string message, int bytes, bool sent, long at) => _recent.Add(new RecentMessage(at, message, bytes, sent));

    internal void PongCame()
    {
        if (PingSent != 0) // one that nobody asked for measures nothing
        {
            Volatile.Write(ref _roundTripMeasured, _time.GetTimestamp());
            Volatile.Write(ref _roundTrip, _time.GetElapsedTime(PingSent).Ticks);
            PingSent = 0;
        }
    }

    /// <summary>Keeps the first reason given.</summary>
    internal void EndWith(CloseReason reason) => Interlocked.CompareExchange(ref _reason, (int)reason, 0);

    /// <summary>Ends it now: nothing more is sent.</summary>
    internal void Abort(CloseReason reason)
    {
        EndWith(reason);
        Aborted = true;
        Request.Close();
        WakeLoop();
        _context.Abort(new ConnectionAbortedException(reason.ToName()));
    }

    /// <summary>
    /// Aborts if the client is gone. That nothing more comes may be a half-close, and answers are wanted still; only a socket that was
    /// reset, or closed on both sides, cannot send any more.
    /// </summary>
    internal void EndIfReset()
    {
        if (_context.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket && SocketPoll.IsOver(socket))
        {
            Abort(ReasonIfLost);
        }
    }

    /// <summary>
    /// Comes before it gives back its place. Kestrel sends what is left before it closes the socket, and a client that does not read could
    /// hold the socket for ever: such a connection keeps its place until then, and the sweeper ends it as it ends any slow reader.
    /// </summary>
    internal ValueTask CloseSocketAsync()
    {
        if (_context.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket || SocketPoll.IsWritable(socket))
        {
            return ValueTask.CompletedTask; // what is left goes at once, and whoever sees the end may come again
        }

        Volatile.Write(ref FlushBytes, 0);
        Volatile.Write(ref FlushStarted, _time.GetTimestamp());
        return _context.DisposeAsync();
    }

    /// <summary>On TLS, says that nothing more comes.</summary>
    internal Task SendCloseNotifyAsync() => CloseNotify.SendAsync(_context, _time);

    /// <summary>Wakes the connection's own loop, which is the only one that writes.</summary>
    internal void WakeLoop()
    {
        try
        {
            Input?.CancelPendingRead();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }

        Runner?.Wake();
    }

    internal void EndRequest(long now)
    {
        Request.End();
        Volatile.Write(ref LastReceived, now);
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
