using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Uplink;

/// <summary>Whether the hub takes messages, for metrics, health checks and the console.</summary>
internal sealed class UplinkState(EdgeMetrics metrics, TimeProvider time)
{
    private const string Paused = "an operator has paused the uplink";

    /// <summary>
    /// How often at most the log has a new reason of the same outage. The first reason may be gone, and a later one may need an operator.
    /// </summary>
    private static readonly TimeSpan TellInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly LinkState[] _links = new LinkState[Enum.GetValues<Lane>().Length];
    private string? _error = "no attempt has ended yet";
    private bool _isPaused;

    /// <summary>Why the hub does not take messages; null if it does.</summary>
    public string? Error
    {
        get
        {
            lock (_lock)
            {
                return _isPaused ? Paused : _error;
            }
        }
    }

    /// <summary>Whether an operator has paused the uplink, so that nothing is sent although the hub may take it.</summary>
    public bool IsPaused
    {
        get
        {
            lock (_lock)
            {
                return _isPaused;
            }
        }

        set
        {
            lock (_lock)
            {
                _isPaused = value;
                metrics.Uplink(!_isPaused && _error is null);
            }
        }
    }

    /// <summary>The state of one lane.</summary>
    public LinkState this[Lane lane]
    {
        get
        {
            lock (_lock)
            {
                return _links[(int)lane];
            }
        }
    }

    /// <summary>Notes that the hub takes messages of a lane, and returns whether that is news.</summary>
    public bool Up(Lane lane) => Set(lane, isUp: true, null);

    /// <summary>Notes that the hub does not take messages of a lane, and returns whether that, or the reason, is news.</summary>
    public bool Down(Lane lane, string error) => Set(lane, isUp: false, error);

    /// <summary>Notes that the hub has acknowledged messages of a lane.</summary>
    public void Acknowledged(Lane lane)
    {
        lock (_lock)
        {
            _links[(int)lane] = _links[(int)lane] with { AcknowledgedAt = time.GetUtcNow() };
        }
    }

    private bool Set(Lane lane, bool isUp, string? error)
    {
        lock (_lock)
        {
            var link = _links[(int)lane];
            var isChange = link.IsUp != isUp;
            var isNews = isChange || (error != link.ToldError && time.GetElapsedTime(link.ToldAt) >= TellInterval);
            _links[(int)lane] = link with
            {
                IsUp = isUp,
                Error = error,
                Since = isChange ? time.GetUtcNow() : link.Since,
                ToldAt = isNews ? time.GetTimestamp() : link.ToldAt,
                ToldError = isNews ? error : link.ToldError,
            };
            _error = _links.All(one => one.IsUp == true) ? null : error ?? _error;
            metrics.Uplink(!_isPaused && _error is null);
            return isNews;
        }
    }
}
