using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Operators;

/// <summary>
/// Disconnects many clients at a rate, the oldest connection first: the clients connect again, here or to another node, and must not all do
/// so at once.
/// </summary>
public sealed class PacedDisconnect
{
    /// <summary>The highest rate.</summary>
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

    /// <summary>How many connections are to be disconnected.</summary>
    public int Total => _connections.Length;

    /// <summary>For how many of them the disconnect was requested, or was not needed because they had ended.</summary>
    public int Requested => _requested;

    /// <summary>How many are disconnected a second.</summary>
    public int PerSecond { get; }

    /// <summary>Whether some are still to be disconnected.</summary>
    public bool IsRunning => !_stopped && _requested < Total;

    /// <summary>Requests no more disconnects once this has returned.</summary>
    internal void Stop()
    {
        lock (_requesting)
        {
            _stopped = true;
        }
    }

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        var (started, requested) = (_time.GetTimestamp(), 0);
        while (IsRunning)
        {
            var due = 1 + (int)Math.Min(Total, _time.GetElapsedTime(started).TotalSeconds * PerSecond);
            while (requested < due && IsRunning && !cancellationToken.IsCancellationRequested)
            {
                requested += RequestNext() ? 1 : 0;
            }

            if (IsRunning)
            {
                await Task.Delay(Tick, _time, cancellationToken);
            }
        }
    }

    /// <summary>Requests the next disconnect; false if that connection has ended already, which does not count for the rate.</summary>
    private bool RequestNext()
    {
        lock (_requesting)
        {
            if (_stopped)
            {
                return false;
            }

            var connection = _connections[_requested]!;
            _connections[_requested++] = null; // a connection that has ended must not stay in memory
            if (connection.CloseReason != CloseReason.None)
            {
                return false;
            }

            connection.Disconnect(_reason);
            return true;
        }
    }
}
