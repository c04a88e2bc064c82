using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Memory;

/// <summary>What one connection holds of the <see cref="BufferBudget"/>. Each use is free up to <see cref="Free"/>.</summary>
internal sealed class BufferShare(BufferBudget budget, Connection connection) : IDisposable
{
    /// <summary>Bytes of one use that are not charged.</summary>
    public const int Free = 64 * 1024;

    private long _packet;
    private long _request;
    private long _overrun;
    private long _answers;

    public Connection Connection => connection;

    /// <summary>
    /// Sets how many bytes the connection holds for a use; false if the budget has no room. The connection then has its reason to end,
    /// unless the use is a request.
    /// </summary>
    public bool TryHold(BufferUse use, long bytes)
    {
        var charged = bytes > Free ? bytes : 0;
        return charged == Held(use) || budget.TryChange(this, use, charged);
    }

    public void Release(BufferUse use) => TryHold(use, 0);

    /// <summary>Keeps the payload of a handler that runs on charged, also after this share is disposed; returns its bytes.</summary>
    public long BeginOverrun() => budget.BeginOverrun(this);

    /// <summary>Releases what <see cref="BeginOverrun"/> has returned.</summary>
    public void EndOverrun(long bytes)
    {
        if (bytes > 0)
        {
            budget.EndOverrun(this, bytes);
        }
    }

    public void Dispose() => budget.Close(this);

    /// <summary>Whether the share was closed and can hold nothing any more. The budget's lock guards it.</summary>
    internal bool IsClosed { get; set; }

    /// <summary>All bytes that the share holds. The budget's lock guards it.</summary>
    internal long Total => _packet + _request + _overrun + _answers;

    /// <summary>The bytes that an eviction would free. The budget's lock guards it.</summary>
    internal long Waiting => _packet + _answers;

    /// <summary>The bytes of one use. The budget writes them, under its lock.</summary>
    internal ref long Held(BufferUse use)
    {
        switch (use)
        {
            case BufferUse.Packet:
                return ref _packet;
            case BufferUse.Request:
                return ref _request;
            case BufferUse.Overrun:
                return ref _overrun;
            default:
                return ref _answers;
        }
    }

    /// <summary>
    /// What the client's slowness costs: bytes, times the seconds for which they have waited for the client. The payload of a running
    /// command does not count, because the time is the handler's. A packet that has begun also waits while its client does not read
    /// answers.
    /// </summary>
    internal double ByteSeconds(TimeProvider time, long now) =>
        (_packet * Seconds(Activity.PacketStarted is not 0 and var packet ? packet : Activity.FlushStarted, time, now))
        + (_answers * Seconds(Activity.FlushStarted, time, now));

    private ConnectionActivity Activity => connection.Activity;

    private static double Seconds(long since, TimeProvider time, long now) => since == 0 ? 0 : time.GetElapsedTime(since, now).TotalSeconds;
}
