namespace NetworkProtocol.Client;

/// <summary>When a <see cref="CircuitBreaker"/> opens, and for how long.</summary>
public sealed class BreakerOptions
{
    /// <summary>Failures in a row that open it, 2 to 1000. Default 5. One success begins the count anew.</summary>
    public int FailureThreshold { get; set; } = 5;

    /// <summary>
    /// How long it stays open before one trial call goes out, 500 ms to 24 h. Default 30 s. A <see cref="ProtocolClient"/> whose
    /// attempts to connect have opened it closes it as soon as one succeeds.
    /// </summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(30);

    internal BreakerOptions Copy() => (BreakerOptions)MemberwiseClone();

    internal void Check(OptionsCheck check)
    {
        check.Range(nameof(FailureThreshold), FailureThreshold, 2, 1000);
        check.Range(nameof(BreakDuration), BreakDuration, TimeSpan.FromMilliseconds(500), TimeSpan.FromHours(24));
    }
}
