namespace NetworkProtocol.Client.Pool;

/// <summary>
/// Waits that grow and are random: each between the shortest and three times the one before (decorrelated jitter), so that clients
/// that have lost a server in the same moment come back at different ones.
/// </summary>
internal sealed class Backoff(ReconnectOptions options)
{
    private const double Growth = 3;

    private TimeSpan _last = options.MinDelay;

    public TimeSpan Next()
    {
        var most = Math.Min(_last.Ticks * Growth, options.MaxDelay.Ticks);
        _last = TimeSpan.FromTicks((long)(options.MinDelay.Ticks + (Random.Shared.NextDouble() * (most - options.MinDelay.Ticks))));
        return _last;
    }

    public void Reset() => _last = options.MinDelay;
}
