namespace NetworkProtocol.Client.Breakers;

/// <summary>The state that a circuit breaker shows, the time of the last change, and the last changes. For any number of threads.</summary>
internal sealed class BreakerStateRecord(TimeProvider time, TimeSpan breakDuration)
{
    private const int HistoryCapacity = 100;

    private readonly Lock _lock = new();
    private readonly Queue<BreakerTransition> _history = new();
    private volatile BreakerState _state;
    private long _changed;

    public BreakerState State => _state;

    /// <summary>The time until the next trial: zero if a trial is due or under way, null if the breaker is closed or isolated.</summary>
    public TimeSpan? RetryAfter
    {
        get
        {
            var state = _state; // before the time: with an older state, a newer time shows no trial that is not due
            var left = breakDuration - time.GetElapsedTime(Volatile.Read(ref _changed));
            return state switch
            {
                BreakerState.Open => left > TimeSpan.Zero ? left : TimeSpan.Zero,
                BreakerState.HalfOpen => TimeSpan.Zero,
                _ => null,
            };
        }
    }

    /// <summary>The last 100 changes, the oldest first.</summary>
    public IReadOnlyList<BreakerTransition> History
    {
        get
        {
            lock (_lock)
            {
                return [.. _history];
            }
        }
    }

    /// <summary>Takes over a state.</summary>
    /// <returns>The change, or null if the state is the same as before.</returns>
    public BreakerTransition? Update(BreakerState state, string reason)
    {
        lock (_lock)
        {
            if (state == _state)
            {
                return null;
            }

            var transition = new BreakerTransition(time.GetUtcNow(), _state, state, reason);
            Volatile.Write(ref _changed, time.GetTimestamp()); // before the state, so that nobody adds the old time to the new state
            _state = state;
            _history.Enqueue(transition);
            if (_history.Count > HistoryCapacity)
            {
                _history.Dequeue();
            }

            return transition;
        }
    }
}
