using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Limits;

namespace NetworkProtocol.Server.Connections;

/// <summary>One timer for the deadlines of all connections: a connection has none of its own.</summary>
internal sealed class ConnectionSweeper(
    ConnectionRegistry registry, MemoryReturn memory, IOptions<ServerOptions> options, TimeProvider time) : IHostedService, IAsyncDisposable
{
    /// <summary>Silent for this many heartbeat intervals is dead.</summary>
    private const int DeadIntervals = 4;

    /// <summary>A reader that is given a second more for each of these is slow, not stuck.</summary>
    private const long SlowestBytesPerSecond = 64 * 1024;

    private static readonly TimeSpan ShortestTick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(1);

    /// <summary>How long one that an operator ends may take to finish what it is doing.</summary>
    private static readonly TimeSpan LeaveGrace = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan MemoryInterval = TimeSpan.FromSeconds(1);

    private ITimer? _timer;
    private long _memoryChecked;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var o = options.Value;
        var shortest = new[] { o.HandshakeTimeout, o.HeartbeatInterval, o.RequestTimeout, o.SlowReaderTimeout }.Min();
        var tick = TimeSpan.FromTicks(Math.Clamp(shortest.Ticks / 10, ShortestTick.Ticks, LongestTick.Ticks));
        _timer = time.CreateTimer(_ => Sweep(), null, tick, tick);
        return Task.CompletedTask;
    }

    // The deadlines go on while the server drains: the timer ends when the service is disposed.
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }
    }

    private void Sweep()
    {
        var now = time.GetTimestamp();
        foreach (var connection in registry.Open)
        {
            Check(connection, now);
        }

        if (Since(_memoryChecked, now) >= MemoryInterval)
        {
            _memoryChecked = now;
            memory.Check(registry.OpenedAndClosed);
        }
    }

    private void Check(Connection connection, long now)
    {
        var o = options.Value;
        if (!connection.Established)
        {
            if (Since(connection.AcceptedTimestamp, now) > o.HandshakeTimeout)
            {
                connection.Abort(CloseReason.HandshakeTimedOut);
            }

            return;
        }

        if (connection.Leaving == CloseReason.Kicked && Since(Volatile.Read(ref connection.LeaveRequested), now) > LeaveGrace)
        {
            connection.Abort(CloseReason.Kicked); // the drain has a deadline of its own
            return;
        }

        var flush = Volatile.Read(ref connection.FlushStarted);
        var request = Volatile.Read(ref connection.RequestStarted);
        if (flush != 0)
        {
            var patience = o.SlowReaderTimeout + TimeSpan.FromSeconds(Volatile.Read(ref connection.FlushBytes) / SlowestBytesPerSecond);
            if (Since(flush, now) > patience)
            {
                connection.Abort(CloseReason.SlowReader);
            }

            return;
        }

        if (request != 0 && Since(request, now) > o.RequestTimeout)
        {
            connection.TimeOutRequest();
        }
        else if (request == 0 && Since(Volatile.Read(ref connection.LastReceived), now) > DeadIntervals * o.HeartbeatInterval)
        {
            connection.Abort(CloseReason.Dead);
            return;
        }

        if (Since(Volatile.Read(ref connection.LastSent), now) >= o.HeartbeatInterval && !connection.PingDue)
        {
            connection.PingDue = true;
            connection.Nudge();
        }
    }

    private TimeSpan Since(long timestamp, long now) => time.GetElapsedTime(timestamp, now);
}
