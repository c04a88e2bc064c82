namespace NetworkProtocol.Server.Connections;

/// <summary>Asks connections to leave, so many a second, oldest first: their clients come back elsewhere and must not do so all at once.</summary>
public sealed class Farewell
{
    /// <summary>The most that may be asked a second.</summary>
    public const int MaxPerSecond = 100_000;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private readonly Connection[] _connections;
    private readonly CloseReason _reason;
    private readonly TimeProvider _time;
    private volatile int _asked;

    internal Farewell(IEnumerable<Connection> connections, CloseReason reason, int perSecond, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perSecond, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(perSecond, MaxPerSecond);
        _connections = [.. connections.OrderBy(connection => connection.Id)];
        _reason = reason;
        PerSecond = perSecond;
        _time = time;
    }

    /// <summary>How many are to leave.</summary>
    public int Total => _connections.Length;

    /// <summary>How many have been asked.</summary>
    public int Asked => _asked;

    /// <summary>How many are asked a second.</summary>
    public int PerSecond { get; }

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        while (_asked < Total)
        {
            var due = 1 + (int)Math.Min(Total, _time.GetElapsedTime(started).TotalSeconds * PerSecond);
            while (_asked < Math.Min(due, Total))
            {
                _connections[_asked++].Leave(_reason);
            }

            if (_asked < Total)
            {
                await Task.Delay(Tick, _time, cancellationToken);
            }
        }
    }

    /// <summary>Lets those stay that were asked but not told.</summary>
    internal void TakeBack()
    {
        foreach (var connection in _connections)
        {
            connection.Stay(_reason);
        }
    }
}
