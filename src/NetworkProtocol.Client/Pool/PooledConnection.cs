namespace NetworkProtocol.Client.Pool;

/// <summary>An open connection, and whether it is fit for requests.</summary>
internal sealed class PooledConnection(ProtocolConnection connection, ServerEntry server, long opened)
{
    private long _suspectSince;
    private int _hasEnded;
    private bool _isUsed;
    private long _lastUsed = opened;

    public ProtocolConnection Connection { get; } = connection;

    public ServerEntry Server { get; } = server;

    /// <summary>When it was opened: a timestamp.</summary>
    public long Opened { get; } = opened;

    /// <summary>Whether requests may go to it: a server that did not answer one has to say something first.</summary>
    public bool IsFit => Connection.IsOpen && UnfitSince is null;

    /// <summary>Since when the server has owed it a sign of life; null if it does not.</summary>
    public long? UnfitSince => Volatile.Read(ref _suspectSince) is not 0 and var since && Connection.LastReceived < since ? since : null;

    public void Use() => _isUsed = true;

    /// <summary>True for the first who notices its end.</summary>
    public bool TryEnd() => Interlocked.Exchange(ref _hasEnded, 1) == 0;

    /// <summary>A request has timed out on it.</summary>
    public void Suspect(long now) => Volatile.Write(ref _suspectSince, now);

    /// <summary>Since when it has had nothing to do; to be asked regularly.</summary>
    public long IdleSince(long now)
    {
        if (_isUsed || Connection.RequestsInFlight > 0)
        {
            _isUsed = false;
            _lastUsed = now;
        }

        return _lastUsed;
    }
}
