using System.Collections.Concurrent;

namespace NetworkProtocol.Client.Pool;

/// <summary>Closes connections that are idle, old or silent, once their requests are answered.</summary>
internal sealed class Retirement(ProtocolClientOptions options, ConnectionPool pool, CancellationToken stopping)
{
    /// <summary>Limits are kept to within this part of themselves.</summary>
    private const int Precision = 4;

    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestTick = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentDictionary<PooledConnection, Task> _retiring = new();

    /// <summary>Connections that are not closed yet.</summary>
    public int Count => _retiring.Values.Count(closing => !closing.IsCompleted);

    /// <summary>How often to look.</summary>
    public TimeSpan Tick { get; } = ChooseTick(options.Pool.IdleLifetime, options.Pool.Lifetime, options.Pool.HealthCheckTimeout);

    private TimeProvider Time => options.Connection.TimeProvider;

    /// <summary>The state of a client that has lost its last connection by this; null if it has not.</summary>
    public ClientState? RetireUnfit()
    {
        ClientState? state = null;
        foreach (var (retired, closing) in _retiring)
        {
            _ = closing.IsCompleted && _retiring.TryRemove(retired, out _);
        }

        var now = Time.GetTimestamp();
        var spare = pool.Open.Length - options.Pool.MinConnections;
        foreach (var connection in pool.Open)
        {
            var isSilent = connection.UnfitSince is { } since && IsOver(options.Pool.HealthCheckTimeout, since, now);
            var isUseless = connection.Server.Breaker.State is BreakerState.Open or BreakerState.Isolated && pool.IsAnyClosed; // another is to have its place
            var isIdle = IsOver(options.Pool.IdleLifetime, connection.IdleSince(now), now) && spare > 0;
            if ((isSilent || isUseless || isIdle || IsOver(options.Pool.Lifetime, connection.Opened, now)) && pool.Remove(connection))
            {
                spare--;
                state = isSilent || isUseless ? ClientState.Disconnected : ClientState.Idle;
                _retiring[connection] = isSilent || isUseless ? CloseAsync(connection) : RetireAsync(connection);
            }
        }

        if (state is not null)
        {
            pool.Wake(); // who waited for a place on one of them has to look for another
        }

        return pool.Open.Length == 0 ? state : null;
    }

    /// <summary>Closes all connections, those that wait for their last answers among them.</summary>
    public Task CloseAllAsync() => Task.WhenAll([.. pool.Open.Select(CloseAsync), .. _retiring.Values]);

    private async Task RetireAsync(PooledConnection connection)
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
            // Its last requests have had their time.
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
            shortest = limit != Timeout.InfiniteTimeSpan && limit / Precision < shortest ? limit / Precision : shortest;
        }

        return shortest > ShortestTick ? shortest : ShortestTick;
    }
}
