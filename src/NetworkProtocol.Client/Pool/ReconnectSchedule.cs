namespace NetworkProtocol.Client.Pool;

/// <summary>Decides when a client may next try to connect. For any number of threads.</summary>
internal sealed class ReconnectSchedule(ReconnectOptions options, TimeProvider time)
{
    private readonly Backoff _backoff = new(options);
    private long _notBefore = long.MinValue;

    /// <summary>The time until the next attempt. Zero: the client may try now.</summary>
    public TimeSpan TimeLeft
    {
        get
        {
            var (now, next) = (time.GetTimestamp(), Volatile.Read(ref _notBefore));
            return next > now ? time.GetElapsedTime(now, next) : TimeSpan.Zero;
        }
    }

    /// <summary>Delays the next attempt by the next wait of the backoff.</summary>
    public void Delay() => DelayBy(_backoff.Next());

    /// <summary>Delays the next attempt by the longest wait.</summary>
    public void DelayLongest() => DelayBy(options.MaxDelay);

    /// <summary>Allows the next attempt now.</summary>
    public void AllowNow() => Volatile.Write(ref _notBefore, long.MinValue);

    /// <summary>
    /// Delays the next attempt after the loss of a connection. If the next attempt is delayed already, the delay stays, because several
    /// connections that are lost at once are one loss.
    /// </summary>
    /// <param name="opened">The timestamp at which the connection was opened.</param>
    /// <param name="mayReconnectNow">Whether the client may connect to another server at once.</param>
    public void Lost(long opened, bool mayReconnectNow)
    {
        if (time.GetElapsedTime(opened) >= options.StableAfter)
        {
            _backoff.Reset();
        }

        if (!mayReconnectNow && TimeLeft == TimeSpan.Zero)
        {
            Delay();
        }
    }

    private void DelayBy(TimeSpan delay) => Volatile.Write(ref _notBefore, time.TimestampAfter(delay));
}
