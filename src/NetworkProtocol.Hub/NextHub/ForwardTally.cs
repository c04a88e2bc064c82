using Microsoft.Extensions.Logging;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Commands;

namespace NetworkProtocol.Hub.NextHub;

/// <summary>Counts what waits for the next hub and what never gets there, and logs the latter now and then.</summary>
internal sealed class ForwardTally(HubForwardOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly Occasion _logDropped = new(LogInterval, time);
    private readonly Occasion _logTopic = new(LogInterval, time);
    private long _waiting;
    private long _dropped;
    private long _tooLong;

    /// <summary>How many messages and rollups waited in the store when they were last counted.</summary>
    public long Waiting => Interlocked.Read(ref _waiting);

    /// <summary>How many were dropped because too many waited.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>How many have a topic that is too long with the name of its source.</summary>
    public long TooLong => Interlocked.Read(ref _tooLong);

    public void Counted(long waiting, long dropped)
    {
        Interlocked.Exchange(ref _waiting, waiting);
        if (dropped > 0)
        {
            Interlocked.Add(ref _dropped, dropped);
            if (_logDropped.IsNow())
            {
                HubLog.ForwardDropped(logger, options.Address, Dropped, options.MaxBacklog);
            }
        }
    }

    public void NoteTooLong(IEnumerable<(string Source, string Topic)> topics)
    {
        foreach (var (origin, topic) in topics)
        {
            Interlocked.Increment(ref _tooLong);
            if (_logTopic.IsNow())
            {
                HubLog.TopicTooLong(logger, origin, topic, Topic.MaxBytes);
            }
        }
    }
}
