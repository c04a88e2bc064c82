namespace NetworkProtocol.Client.Pool;

/// <summary>
/// Random waits that grow (decorrelated jitter). Each wait is between the shortest wait and three times the wait before, and at most the
/// longest wait. So clients that lose a server at the same moment return at different moments.
/// </summary>
internal sealed class Backoff(ReconnectOptions options)
{
    private const double Growth = 3;

    private readonly Lock _lock = new();
    private TimeSpan _last = options.MinDelay;

    public TimeSpan Next()
    {
        lock (_lock)
        {
            return Grow();
        }
    }

    /// <summary>Lets the waits start again at the shortest.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _last = options.MinDelay;
        }
    }

    private TimeSpan Grow()
    {
        var wait = options.MinDelay.Ticks + (Random.Shared.NextDouble() * ((_last.Ticks * Growth) - options.MinDelay.Ticks));
        _last = TimeSpan.FromTicks((long)Math.Min(wait, options.MaxDelay.Ticks));
        return _last;
    }
}
