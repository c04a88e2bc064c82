namespace NetworkProtocol.Client.Pool;

/// <summary>
/// Random waits that grow. Each wait is between the shortest wait and a bound, which triples with each wait up to the longest wait. So
/// clients that lose a server at the same moment return at different moments.
/// </summary>
/// <remarks>
/// The bound does not depend on the random wait before. If it did, the waits of most clients would still be short some seconds after the
/// loss, and most clients would return in the first second of a server that was away for so long.
/// </remarks>
internal sealed class Backoff(ReconnectOptions options)
{
    private const double Growth = 3;

    private readonly Lock _lock = new();
    private TimeSpan _bound = options.MinDelay;

    public TimeSpan Next()
    {
        lock (_lock)
        {
            _bound = TimeSpan.FromTicks((long)Math.Min(_bound.Ticks * Growth, options.MaxDelay.Ticks));
            return options.MinDelay + (Random.Shared.NextDouble() * (_bound - options.MinDelay));
        }
    }

    /// <summary>Lets the waits start again at the shortest.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _bound = options.MinDelay;
        }
    }
}
