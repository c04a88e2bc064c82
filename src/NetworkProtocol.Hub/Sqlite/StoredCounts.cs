using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub.Sqlite;

/// <summary>What one transaction has stored, for the metrics.</summary>
internal sealed class StoredCounts
{
    public long Messages { get; set; }

    public long Duplicates { get; set; }

    public long Lost { get; set; }

    public long DeadLetters { get; set; }

    /// <summary>The sources that have sent messages, with how old the last of these was when it arrived, in milliseconds.</summary>
    public List<(string Source, Lane Lane, long Arrival, long Lag)> Lags { get; } = [];
}
