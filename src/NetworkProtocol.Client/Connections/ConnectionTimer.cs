using NetworkProtocol.Messages;

namespace NetworkProtocol.Client.Connections;

/// <summary>
/// One timer for everything that a connection does by the clock: it times requests out, sends Pings and finds dead servers.
/// </summary>
internal sealed class ConnectionTimer : IAsyncDisposable
{
    /// <summary>The number of keep-alive intervals without a byte from the server after which the connection counts as dead.</summary>
    private const int DeadIntervals = 4;

    /// <summary>The timer fires this often within the shorter one of request timeout and keep-alive interval.</summary>
    private const int TicksPerTimeout = 10;

    private static readonly TimeSpan ShortestTick = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(1);

    private readonly ConnectionOptions _options;
    private readonly AnswerOrder _order;
    private readonly PacketSender _sender;
    private readonly Action<ProtocolClientException> _end;
    private readonly ITimer _timer;
    private long _received;
    private long _pinged;
    private long _roundTrip = -1;
    private int _isTicking;

    public ConnectionTimer(ConnectionOptions options, AnswerOrder order, PacketSender sender, Action<ProtocolClientException> end)
    {
        (_options, _order, _sender, _end) = (options, order, sender, end);
        _received = _pinged = Now;
        var shortest = Math.Min(AsTicks(options.RequestTimeout), AsTicks(options.KeepAliveInterval)) / TicksPerTimeout;
        var tick = TimeSpan.FromTicks((long)Math.Clamp(shortest, ShortestTick.Ticks, LongestTick.Ticks));
        _timer = options.TimeProvider.CreateTimer(static clock => ((ConnectionTimer)clock!).Tick(), this, tick, tick);
    }

    /// <summary>The time between the last answered Ping and its Pong. Null until the first Pong.</summary>
    public TimeSpan? RoundTripTime => Volatile.Read(ref _roundTrip) is >= 0 and var ticks ? TimeSpan.FromTicks(ticks) : null;

    /// <summary>The timestamp at which the last bytes arrived, or at which the connection was made.</summary>
    public long LastReceived => Volatile.Read(ref _received);

    private long Now => _options.TimeProvider.GetTimestamp();

    /// <summary>Notes that bytes have arrived.</summary>
    public void Received() => Volatile.Write(ref _received, Now);

    /// <summary>Measures the round trip if the answer is a Pong.</summary>
    public void Answered(Message answer, long started)
    {
        if (answer is Message.Pong)
        {
            Volatile.Write(ref _roundTrip, _options.TimeProvider.GetElapsedTime(started).Ticks);
        }
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Tick()
    {
        if (Interlocked.Exchange(ref _isTicking, 1) != 0)
        {
            return;
        }

        try
        {
            var now = Now;
            var isBlocked = _order.Expire(LatestExpired(now), CreateTimeout);
            if (IsOver(DeadIntervals * AsTicks(_options.KeepAliveInterval), _received, now))
            {
                _end(new ProtocolClientException(
                    ProtocolErrorKind.Closed,
                    $"The server sent nothing for {DeadIntervals} times {_options.KeepAliveInterval}: the connection is considered dead."));
            }
            else if (!_order.IsPinging && (isBlocked || IsOver(AsTicks(_options.KeepAliveInterval), _pinged, now)))
            {
                Volatile.Write(ref _pinged, now);
                _sender.WriteUrgently(Message.Ping.Instance, _order.Rent().BeginUnawaited(Message.Ping.Instance, now));
            }
        }
        finally
        {
            Volatile.Write(ref _isTicking, 0);
        }
    }

    private long LatestExpired(long now) => _options.RequestTimeout == Timeout.InfiniteTimeSpan
        ? long.MinValue
        : now - (long)(_options.RequestTimeout.TotalSeconds * _options.TimeProvider.TimestampFrequency);

    private bool IsOver(double ticks, long since, long now) =>
        ticks < TimeSpan.MaxValue.Ticks && _options.TimeProvider.GetElapsedTime(since, now).Ticks >= ticks;

    private ProtocolClientException CreateTimeout() =>
        // Also if the request is not sent yet: it stays in the send buffer, and the server may execute it later.
        new(ProtocolErrorKind.Timeout, $"No answer within {_options.RequestTimeout}.") { MayHaveBeenExecuted = true };

    private static double AsTicks(TimeSpan interval) => interval == Timeout.InfiniteTimeSpan ? double.MaxValue : interval.Ticks;
}
