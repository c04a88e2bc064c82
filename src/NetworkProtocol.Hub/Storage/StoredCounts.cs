using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub.Storage;

/// <summary>What one transaction has stored, for the metrics.</summary>
internal sealed class StoredCounts
{
    /// <summary>The sum, or the largest number: an edge may declare any number of messages as lost.</summary>
    public static long Add(long one, long other) => other > long.MaxValue - one ? long.MaxValue : one + other;

    public long Messages { get; set; }

    public long Duplicates { get; set; }

    public long Lost { get; set; }

    public long DeadLetters { get; set; }

    /// <summary>The sources that have sent messages, with how old the last of these was when it arrived, in milliseconds.</summary>
    public List<(string Source, Lane Lane, long Arrival, long Lag)> Lags { get; } = [];
}
