using System.Net;
using Microsoft.AspNetCore.Connections;

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

/// <summary>One client's connection: what lists and handlers may know, and the state that the sweeper watches.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "Its token source has neither timer nor wait handle, and may be cancelled late.")]
public sealed class Connection
{
    private readonly ConnectionContext _context;
    private int _reason;
    private volatile TaskCompletionSource? _nudged;
    private volatile CancellationTokenSource? _request;

    internal Connection(long id, ConnectionContext context, DateTimeOffset connectedAt, long timestamp)
    {
        Id = id;
        _context = context;
        RemoteEndPoint = context.RemoteEndPoint;
        ConnectedAt = connectedAt;
        AcceptedTimestamp = LastReceived = LastSent = timestamp;
    }

    /// <summary>A number that no other connection of this process has.</summary>
    public long Id { get; }

    /// <summary>The client; behind a trusted proxy the one that its header names.</summary>
    public EndPoint? RemoteEndPoint { get; internal set; }

    /// <summary>How the client reached the server.</summary>
    public ConnectionTransport Transport { get; internal set; }

    /// <summary>The subject of the client's verified certificate, or null.</summary>
    public string? ClientSubject { get; internal set; }

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset ConnectedAt { get; }

    /// <summary>Messages received.</summary>
    public long MessagesReceived { get; internal set; }

    /// <summary>Messages sent.</summary>
    public long MessagesSent { get; internal set; }

    /// <summary>Why it ended, or <see cref="CloseReason.None"/>.</summary>
    public CloseReason CloseReason => (CloseReason)Volatile.Read(ref _reason);

    internal long AcceptedTimestamp { get; }

    internal volatile bool Established;
    internal volatile bool PingDue;
    internal volatile bool DrainRequested;
    internal volatile bool RequestTimedOut;
    internal volatile bool Aborted;
    internal long LastReceived;
    internal long LastSent;
    internal long FlushStarted;
    internal long FlushBytes;
    internal long RequestStarted;

    internal System.IO.Pipelines.PipeReader? Input { get; set; }

    /// <summary>Why the socket is gone: a stop that has begun closes what does not end by itself.</summary>
    internal CloseReason ReasonIfLost => DrainRequested ? CloseReason.Draining : CloseReason.ClientLeft;

    /// <summary>Keeps the first reason given.</summary>
    internal void EndWith(CloseReason reason) => Interlocked.CompareExchange(ref _reason, (int)reason, 0);

    /// <summary>Ends it now: nothing more is sent.</summary>
    internal void Abort(CloseReason reason)
    {
        EndWith(reason);
        Aborted = true;
        CancelRequest();
        Nudge();
        _context.Abort(new ConnectionAbortedException(reason.ToName()));
    }

    /// <summary>Wakes the connection's own loop, which is the only one that writes.</summary>
    internal void Nudge()
    {
        try
        {
            Input?.CancelPendingRead();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }

        _nudged?.TrySetResult();
    }

    // Not Cancel: what a handler has registered must neither hold up nor fault whoever cancels.
    private void CancelRequest() => _ = _request?.CancelAsync();

    /// <summary>Completes at the next <see cref="Nudge"/>.</summary>
    internal Task NextNudge()
    {
        var nudged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _nudged = nudged;
        return nudged.Task;
    }

    internal CancellationToken BeginRequest(long now)
    {
        if (_request is null || _request.IsCancellationRequested)
        {
            _request = new CancellationTokenSource();
        }

        RequestTimedOut = false;
        Volatile.Write(ref RequestStarted, now);
        return _request.Token;
    }

    internal void EndRequest(long now)
    {
        Volatile.Write(ref RequestStarted, 0);
        Volatile.Write(ref LastReceived, now);
        _nudged = null;
    }

    internal void TimeOutRequest()
    {
        RequestTimedOut = true;
        CancelRequest();
        Nudge();
    }
}
