using NetworkProtocol.Client.Validation;

namespace NetworkProtocol.Client;

/// <summary>
/// The waits before a client connects again. They are random and grow, so that many clients that have lost a server do not return at the
/// same moment.
/// </summary>
public sealed class ReconnectOptions
{
    /// <summary>The shortest wait before an attempt, 1 ms to 1 h. Default 100 ms.</summary>
    public TimeSpan MinDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait before an attempt, <see cref="MinDelay"/> to 24 h. Default 5 s.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The age of a lost connection from which on the waits start again at <see cref="MinDelay"/>: 0 to 24 h. Default 10 s.
    /// </summary>
    public TimeSpan StableAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The number of rounds over all addresses that fail in a row before the client gives up, 0 to 1,000,000. Default 0: it never gives up.
    /// </summary>
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
