using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Memory;

/// <summary>What one connection holds of the <see cref="BufferBudget"/>. Each use is free of charge up to <see cref="Free"/>.</summary>
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
    /// Holds so many bytes for a use from now on, in place of what it held before; false if the budget has no room, and then the connection
    /// has its reason to end.
    /// </summary>
    public bool TryHold(BufferUse use, long bytes)
    {
        var charged = bytes > Free ? bytes : 0;
        return charged == Held(use) || budget.TryChange(this, use, charged);
    }

    public void Release(BufferUse use) => TryHold(use, 0);

    /// <summary>Keeps the payload of a command charged whose handler goes on, also after this is disposed; returns its bytes.</summary>
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

    /// <summary>Whether it was closed; it can hold nothing any more. The budget's lock guards it.</summary>
    internal bool IsClosed { get; set; }

    /// <summary>All that it holds. The budget's lock guards it.</summary>
    internal long Total => _packet + _request + _overrun + _answers;

    /// <summary>What would come back if its connection ended. The budget's lock guards it.</summary>
    internal long Waiting => _packet + _answers;

    /// <summary>What it holds for a use. The budget writes it, under its lock.</summary>
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
    /// command is not counted, because that time is the handler's. A packet that has begun waits, too, while its client does not take answers.
    /// </summary>
    internal double ByteSeconds(TimeProvider time, long now) =>
        (_packet * Seconds(Volatile.Read(ref connection.PacketStarted) is not 0 and var packet ? packet : Volatile.Read(ref connection.FlushStarted), time, now))
        + (_answers * Seconds(Volatile.Read(ref connection.FlushStarted), time, now));

    private static double Seconds(long since, TimeProvider time, long now) => since == 0 ? 0 : time.GetElapsedTime(since, now).TotalSeconds;
}
