using Microsoft.Extensions.Options;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub.Commands;

/// <summary>
/// Shares <see cref="HubOptions.MaxMessagesPerSecond"/> equally among the lanes that send: each gets its part as the credit of an answer.
/// </summary>
internal sealed class Credits(IOptions<HubOptions> options, TimeProvider time)
{
    /// <summary>A lane that has sent nothing for so long leaves its part to the others.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    /// <summary>How often the lanes that send are counted.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly int _limit = options.Value.MaxMessagesPerSecond;
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Source, Lane Lane), long> _lastUse = [];
    private long _countedAt = time.GetTimestamp();

    /// <summary>How many messages a lane that the store knows may send in one second; null: any number.</summary>
    public int? Of(string source, Lane lane)
    {
        if (_limit == 0)
        {
            return null;
        }

        lock (_lock)
        {
            _lastUse[(source, lane)] = time.GetTimestamp();
            if (time.GetElapsedTime(_countedAt) >= Interval)
            {
                _countedAt = time.GetTimestamp();
                foreach (var (idle, _) in _lastUse.Where(use => time.GetElapsedTime(use.Value) >= Idle))
                {
                    _lastUse.Remove(idle);
                }
            }

            return Math.Max(1, _limit / _lastUse.Count);
        }
    }
}
