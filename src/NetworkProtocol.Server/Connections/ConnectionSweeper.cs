using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Memory;

namespace NetworkProtocol.Server.Connections;

/// <summary>Checks the deadlines of all connections with one timer. A connection has no timer of its own.</summary>
internal sealed class ConnectionSweeper(
    ConnectionRegistry registry, CommandTable commands, MemoryReturn memory, ErrorLog errors, IOptions<ServerOptions> options,
    TimeProvider time, ILogger<ConnectionSweeper> logger) : IHostedService, IAsyncDisposable
{
    /// <summary>A client that is silent for this many heartbeat intervals is dead.</summary>
    public const int DeadIntervals = 4;

    /// <summary>A client gets one more second for this many bytes, so that a slow client is not taken for a stuck one.</summary>
    private const long SlowestBytesPerSecond = 64 * 1024;

    private static readonly TimeSpan ShortestTick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(1);

    /// <summary>How long a client that an operator disconnects may take to close the connection.</summary>
    private static readonly TimeSpan DisconnectGrace = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan MemoryInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _sweeping = new();
    private ITimer? _timer;
    private long _memoryChecked;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var o = options.Value;
        commands.Freeze();
        var shortest = commands.All.Select(command => command.Timeout ?? o.RequestTimeout)
            .Concat([o.HandshakeTimeout, o.HeartbeatInterval, o.RequestTimeout, o.SlowReaderTimeout]).Min();
        var tick = TimeSpan.FromTicks(Math.Clamp(shortest.Ticks / 10, ShortestTick.Ticks, LongestTick.Ticks));
        _timer = time.CreateTimer(_ => Sweep(), null, tick, tick);
        return Task.CompletedTask;
    }

    // The deadlines apply while the server drains, so the timer ends only when the service is disposed.
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }
    }

    // A sweep that takes longer than a tick must not overlap with the next one.
    private void Sweep()
    {
        if (!_sweeping.TryEnter())
        {
            return;
        }

        try
        {
            var now = time.GetTimestamp();
            foreach (var connection in registry.Open)
            {
                CheckSafely(connection, now);
            }

            if (Since(_memoryChecked, now) >= MemoryInterval)
            {
                _memoryChecked = now;
                memory.Check(registry.OpenedAndClosed);
            }
        }
        finally
        {
            _sweeping.Exit();
        }
    }

    private void CheckSafely(Connection connection, long now)
    {
        try
        {
            Check(connection, now);
        }
#pragma warning disable CA1031 // A fault in one connection's check must not end the process or the checks of other connections.
        catch (Exception e)
#pragma warning restore CA1031
        {
            errors.Add(ErrorKinds.Server, connection, "The check of the connection's deadlines failed.");
            Log.SweepFailed(logger, e, connection.Id, connection.RemoteEndPoint);
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

        if (connection.DisconnectReason == CloseReason.DisconnectedByOperator
            && Since(connection.DisconnectRequestedAt, now) > DisconnectGrace)
        {
            connection.Abort(CloseReason.DisconnectedByOperator); // a drain has a deadline of its own
            return;
        }

        if (connection.Request.IsRunning)
        {
            connection.TimeOutRequest(now); // a request times out also while answers wait for the client
        }

        if (connection.Activity.FlushStarted is not 0 and var flush)
        {
            EndIfOverdue(connection, flush, connection.Activity.FlushBytes, CloseReason.SlowReader, now);
        }
        else if (connection.Activity.PacketStarted is not 0 and var packet
            && EndIfOverdue(connection, packet, connection.Activity.PacketBytes, CloseReason.SlowSender, now))
        {
            // The connection has ended.
        }
        else if (connection.Request.IsRunning)
        {
            connection.EndIfReset(); // the loop reads nothing while many requests wait, so it would not notice a reset
            if (connection.Request.Age(now) > Command.QuickEnough)
            {
                connection.Runner?.FlushLate();
            }

            PingIfDue(connection, now);
        }
        else if (connection.HasHeartbeat && Since(connection.Activity.LastReceived, now) > DeadIntervals * o.HeartbeatInterval)
        {
            connection.Abort(CloseReason.Dead);
        }
        else
        {
            PingIfDue(connection, now);
        }
    }

    private bool EndIfOverdue(Connection connection, long since, long bytes, CloseReason reason, long now)
    {
        var limit = options.Value.SlowReaderTimeout + TimeSpan.FromSeconds(bytes / SlowestBytesPerSecond);
        if (Since(since, now) <= limit)
        {
            return false;
        }

        errors.Add(reason.ToName(), connection, reason.ToText());
        connection.Abort(reason);
        return true;
    }

    private void PingIfDue(Connection connection, long now)
    {
        var interval = options.Value.HeartbeatInterval;
        var activity = connection.Activity;
        var isDue = Since(activity.LastSent, now) >= interval || HasOnlyListened(connection, interval, now);
        if (connection.HasHeartbeat && isDue && !activity.PingDue)
        {
            activity.PingDue = true;
            connection.WakeLoop();
        }
    }

    // A client that only receives pushed messages sends nothing, so it needs a Ping to show that it is alive.
    private bool HasOnlyListened(Connection connection, TimeSpan interval, long now) =>
        connection.Outbox is not null
        && !connection.Activity.AwaitsPong
        && Since(connection.Activity.LastReceived, now) >= interval;

    private TimeSpan Since(long timestamp, long now) => time.GetElapsedTime(timestamp, now);
}
