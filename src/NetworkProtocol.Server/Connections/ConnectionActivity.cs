namespace NetworkProtocol.Server.Connections;

/// <summary>
/// What the sweeper judges a connection by: when bytes were last received and sent, the flush and the packet that wait for the client, and
/// the heartbeat. The connection's own loop writes all of it except <see cref="PingDue"/>, which the sweeper sets; any thread reads it.
/// Each time is a timestamp of the server's <see cref="TimeProvider"/>.
/// </summary>
internal sealed class ConnectionActivity(TimeProvider time)
{
    private long _lastReceived = time.GetTimestamp();
    private long _lastSent = time.GetTimestamp();
    private long _flushStarted;
    private long _flushBytes;
    private long _packetStarted;
    private long _packetBytes;
    private long _pingSent;
    private long _roundTrip = -1;
    private long _roundTripMeasured;
    private volatile bool _pingDue;
    private volatile bool _hasPinged;

    /// <summary>
    /// When the client last showed that it is alive: it sent bytes, took answers that had waited for it, or its command ended.
    /// </summary>
    public long LastReceived
    {
        get => Volatile.Read(ref _lastReceived);
        set => Volatile.Write(ref _lastReceived, value);
    }

    /// <summary>When the last flush ended.</summary>
    public long LastSent
    {
        get => Volatile.Read(ref _lastSent);
        set => Volatile.Write(ref _lastSent, value);
    }

    /// <summary>When the flush began that waits for the client to read; 0 if none does.</summary>
    public long FlushStarted => Volatile.Read(ref _flushStarted);

    /// <summary>The bytes of that flush.</summary>
    public long FlushBytes => Volatile.Read(ref _flushBytes);

    /// <summary>When the server began to wait for the rest of a packet; 0 if it does not wait for one.</summary>
    public long PacketStarted
    {
        get => Volatile.Read(ref _packetStarted);
        set => Volatile.Write(ref _packetStarted, value);
    }

    /// <summary>The length of that packet.</summary>
    public long PacketBytes
    {
        get => Volatile.Read(ref _packetBytes);
        set => Volatile.Write(ref _packetBytes, value);
    }

    /// <summary>Whether the loop has to send a Ping.</summary>
    public bool PingDue
    {
        get => _pingDue;
        set => _pingDue = value;
    }

    /// <summary>Whether the client has sent a Ping.</summary>
    public bool HasPinged
    {
        get => _hasPinged;
        set => _hasPinged = value;
    }

    /// <summary>Whether a Ping of the server has no Pong yet.</summary>
    public bool AwaitsPong => Volatile.Read(ref _pingSent) != 0;

    /// <summary>From the server's last Ping to its Pong; null until there was one.</summary>
    public TimeSpan? RoundTripTime => Volatile.Read(ref _roundTrip) is >= 0 and var ticks ? new TimeSpan(ticks) : null;

    /// <summary>How long ago <see cref="RoundTripTime"/> was measured; null until it was.</summary>
    public TimeSpan? RoundTripAge => RoundTripTime is null ? null : time.GetElapsedTime(Volatile.Read(ref _roundTripMeasured));

    public void BeginFlush(long bytes)
    {
        Volatile.Write(ref _flushBytes, bytes); // first, because the sweeper reads the bytes once it sees the time
        Volatile.Write(ref _flushStarted, time.GetTimestamp());
    }

    public void EndFlush(long now)
    {
        Volatile.Write(ref _flushStarted, 0);
        LastReceived = now; // the client has read answers, although nothing was received from it meanwhile
    }

    /// <summary>Notes that the server has sent a Ping. Of two without a Pong between them, the first Pong answers the first.</summary>
    public void NotePing()
    {
        if (!AwaitsPong)
        {
            Volatile.Write(ref _pingSent, time.GetTimestamp());
        }
    }

    /// <summary>Measures the round trip. A Pong without a Ping before it measures nothing.</summary>
    public void NotePong()
    {
        if (_pingSent != 0)
        {
            Volatile.Write(ref _roundTripMeasured, time.GetTimestamp());
            Volatile.Write(ref _roundTrip, time.GetElapsedTime(_pingSent).Ticks);
            Volatile.Write(ref _pingSent, 0);
        }
    }
}
