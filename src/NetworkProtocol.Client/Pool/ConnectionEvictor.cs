using System.Collections.Concurrent;

namespace NetworkProtocol.Client.Pool;

/// <summary>
/// Closes connections that are idle, old or silent, and connections whose breaker is open while another server works. Requests on an idle
/// or old connection are answered first.
/// </summary>
/// <param name="options">The client's options.</param>
/// <param name="pool">The pool.</param>
/// <param name="stopping">Cancelled when the client is disposed. Connections are then closed without waiting for answers.</param>
internal sealed class ConnectionEvictor(ProtocolClientOptions options, ConnectionPool pool, CancellationToken stopping)
{
    /// <summary>The pool is checked this often within the shortest lifetime or timeout.</summary>
    private const int TicksPerTimeout = 4;

    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestTick = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentDictionary<PooledConnection, Task> _evicted = new();

    /// <summary>The number of connections that have left the pool and are not closed yet.</summary>
    public int Count => _evicted.Values.Count(closing => !closing.IsCompleted);

    /// <summary>The time between two checks, 10 ms to 1 s.</summary>
    public TimeSpan Tick { get; } = ChooseTick(options.Pool.IdleLifetime, options.Pool.Lifetime, options.Pool.HealthCheckTimeout);

    private TimeProvider Time => options.Connection.TimeProvider;

    /// <summary>Checks all connections, and evicts those that are idle, old, silent or useless.</summary>
    /// <returns>The state of the client if it has no connection left by this. Otherwise null.</returns>
    public ClientState? Evict()
    {
        ClientState? state = null;
        foreach (var (evicted, closing) in _evicted)
        {
            _ = closing.IsCompleted && _evicted.TryRemove(evicted, out _);
        }

        var now = Time.GetTimestamp();
        var spare = pool.Open.Length - options.Pool.MinConnections;
        foreach (var connection in pool.Open)
        {
            var isSilent = connection.UnhealthySince is { } since && IsOver(options.Pool.HealthCheckTimeout, since, now);
            var isUseless = connection.Server.Breaker.State is BreakerState.Open or BreakerState.Isolated
                && pool.IsAnyBreakerClosed; // a connection to a server that works takes its place
            var isIdle = IsOver(options.Pool.IdleLifetime, connection.IdleSince(now), now) && spare > 0;
            if ((isSilent || isUseless || isIdle || IsOver(options.Pool.Lifetime, connection.Opened, now)) && pool.Remove(connection))
            {
                spare--;
                state = isSilent || isUseless ? ClientState.Disconnected : ClientState.Idle;
                _evicted[connection] = isSilent || isUseless ? CloseAsync(connection) : CloseAfterAnswersAsync(connection);
            }
        }

        if (state is not null)
        {
            pool.Wake(); // callers that wait for a slot of these connections have to choose another one
        }

        return pool.Open.Length == 0 ? state : null;
    }

    /// <summary>Closes all connections of the pool, and waits until the evicted ones are closed, too.</summary>
    public Task CloseAllAsync() => Task.WhenAll([.. pool.Open.Select(CloseAsync), .. _evicted.Values]);

    private async Task CloseAfterAnswersAsync(PooledConnection connection)
    {
        using var deadline = new CancellationTokenSource(options.Connection.RequestTimeout, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        try
        {
            while (connection.Connection is { IsOpen: true, RequestsInFlight: > 0 })
            {
                await Task.Delay(Tick, Time, either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The timeout of the last requests is over, or the client is disposed.
        }

        await CloseAsync(connection).ConfigureAwait(false);
    }

    private async Task CloseAsync(PooledConnection connection)
    {
        pool.Remove(connection);
        await connection.Connection.DisposeAsync().ConfigureAwait(false);
    }

    private bool IsOver(TimeSpan limit, long since, long now) =>
        limit != Timeout.InfiniteTimeSpan && Time.GetElapsedTime(since, now) >= limit;

    private static TimeSpan ChooseTick(params ReadOnlySpan<TimeSpan> limits)
    {
        var shortest = LongestTick;
        foreach (var limit in limits)
        {
            shortest = limit != Timeout.InfiniteTimeSpan && limit / TicksPerTimeout < shortest ? limit / TicksPerTimeout : shortest;
        }

        return shortest > ShortestTick ? shortest : ShortestTick;
    }
}
