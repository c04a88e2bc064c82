using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Operators;

/// <summary>Asks connections to leave, so many a second, oldest first: their clients come back elsewhere and must not do so all at once.</summary>
public sealed class PacedDisconnect
{
    /// <summary>The most that may be asked a second.</summary>
    public const int MaxPerSecond = 100_000;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private readonly Connection?[] _connections;
    private readonly CloseReason _reason;
    private readonly TimeProvider _time;
    private readonly Lock _requesting = new();
    private volatile int _requested;
    private volatile bool _stopped;

    internal PacedDisconnect(IEnumerable<Connection> connections, CloseReason reason, int perSecond, TimeProvider time)
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

    /// <summary>How many have been asked, or were gone before.</summary>
    public int Requested => _requested;

    /// <summary>How many are asked a second.</summary>
    public int PerSecond { get; }

    /// <summary>Whether some are still to be asked.</summary>
    public bool IsRunning => !_stopped && _requested < Total;

    /// <summary>Asks nobody any more once it has returned.</summary>
    internal void Stop()
    {
        lock (_requesting)
        {
            _stopped = true;
        }
    }

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        var (started, asked) = (_time.GetTimestamp(), 0);
        while (IsRunning)
        {
            var due = 1 + (int)Math.Min(Total, _time.GetElapsedTime(started).TotalSeconds * PerSecond);
            while (asked < due && IsRunning && !cancellationToken.IsCancellationRequested)
            {
                asked += RequestNext() ? 1 : 0;
            }

            if (IsRunning)
            {
                await Task.Delay(Tick, _time, cancellationToken);
            }
        }
    }

    /// <summary>Asks the next; false if it is gone already, which costs none of the rate.</summary>
    private bool RequestNext()
    {
        lock (_requesting)
        {
            if (_stopped)
            {
                return false;
            }

            var connection = _connections[_requested]!;
            _connections[_requested++] = null; // what has left must not be kept
            if (connection.CloseReason != CloseReason.None)
            {
                return false;
            }

            connection.Disconnect(_reason);
            return true;
        }
    }
}
