namespace NetworkProtocol.Client.Pool;

/// <summary>
/// Waits that grow and are random (decorrelated jitter): each between the shortest and three times the one before, cut at the longest.
/// So clients that have lost a server in the same moment come back at different ones.
/// </summary>
internal sealed class Backoff(ReconnectOptions options)
{
    private const double Growth = 3;

    private TimeSpan _last = options.MinDelay;

    public TimeSpan Next()
    {
        var wait = options.MinDelay.Ticks + (Random.Shared.NextDouble() * ((_last.Ticks * Growth) - options.MinDelay.Ticks));
        _last = TimeSpan.FromTicks((long)Math.Min(wait, options.MaxDelay.Ticks));
        return _last;
    }

    public void Reset() => _last = options.MinDelay;
}
