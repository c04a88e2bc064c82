namespace NetworkProtocol.Client;

/// <summary>How a lost connection is made again: after a random time that grows, so that many clients do not come back at once.</summary>
public sealed class ReconnectOptions
{
    /// <summary>The shortest wait before an attempt, 1 ms to 1 h. Default 100 ms.</summary>
    public TimeSpan MinDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait before an attempt, <see cref="MinDelay"/> to 24 h. Default 5 s.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection must have been good before the waits begin anew at the shortest, 0 to 24 h. Default 10 s.</summary>
    public TimeSpan StableAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Rounds over all addresses that may fail in a row before the client gives up, 1 to 1,000,000; 0 is never. Default 0.</summary>
    public int MaxAttempts { get; set; }

    internal ReconnectOptions Copy() => (ReconnectOptions)MemberwiseClone();

    internal void Check(OptionsCheck check)
    {
        check.Range(nameof(MinDelay), MinDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
        check.Range(nameof(MaxDelay), MaxDelay, MinDelay, TimeSpan.FromHours(24));
        check.Range(nameof(StableAfter), StableAfter, TimeSpan.Zero, TimeSpan.FromHours(24));
        check.Range(nameof(MaxAttempts), MaxAttempts, 0, 1_000_000);
    }
}
