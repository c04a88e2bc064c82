namespace NetworkProtocol.Client.Pool;

/// <summary>
/// Waits that grow and are random (decorrelated jitter): each between the shortest and three times the one before, cut at the longest.
/// So clients that have lost a server in the same moment come back at different ones.
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
