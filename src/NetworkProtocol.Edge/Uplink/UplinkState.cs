using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Uplink;

/// <summary>Whether the hub takes messages, for metrics, health checks and the console.</summary>
internal sealed class UplinkState(EdgeMetrics metrics, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly bool?[] _isUp = new bool?[Enum.GetValues<Lane>().Length];
    private string? _error = "no attempt has ended yet";
    private DateTimeOffset? _acknowledgedAt;

    /// <summary>Why the hub does not take messages; null if it does.</summary>
    public string? Error
    {
        get
        {
            lock (_lock)
            {
                return _error;
            }
        }
    }

    /// <summary>When the hub last acknowledged messages; null if it has not since the start.</summary>
    public DateTimeOffset? AcknowledgedAt
    {
        get
        {
            lock (_lock)
            {
                return _acknowledgedAt;
            }
        }
    }

    /// <summary>Notes that the hub takes messages of a lane, and returns whether that is news.</summary>
    public bool Up(Lane lane) => Set(lane, isUp: true, null);

    /// <summary>Notes that the hub does not take messages of a lane, and returns whether that is news.</summary>
    public bool Down(Lane lane, string error) => Set(lane, isUp: false, error);

    /// <summary>Notes that the hub has acknowledged messages.</summary>
    public void Acknowledged()
    {
        lock (_lock)
        {
            _acknowledgedAt = time.GetUtcNow();
        }
    }

    private bool Set(Lane lane, bool isUp, string? error)
    {
        lock (_lock)
        {
            var isNews = _isUp[(int)lane] != isUp;
            _isUp[(int)lane] = isUp;
            _error = _isUp.All(up => up == true) ? null : error ?? _error;
            metrics.Uplink(_error is null);
            return isNews;
        }
    }
}
