using NetworkProtocol.Client.Validation;

namespace NetworkProtocol.Client;

/// <summary>Says when a <see cref="CircuitBreaker"/> opens, and for how long.</summary>
public sealed class BreakerOptions
{
    /// <summary>The number of failures in a row that open the breaker, 2 to 1000. One success sets the count to zero. Default 5.</summary>
    public int FailureThreshold { get; set; } = 5;

    /// <summary>
    /// The time that the breaker stays open before one trial call goes out, 500 ms to 24 h. If failed attempts to connect have opened
    /// the breaker of a <see cref="ProtocolClient"/>, the next attempt that succeeds closes it earlier. Default 30 s.
    /// </summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(30);

    internal BreakerOptions Copy() => (BreakerOptions)MemberwiseClone();

    internal void Check(OptionsCheck check)
    {
        check.Range(nameof(FailureThreshold), FailureThreshold, 2, 1000);
        check.Range(nameof(BreakDuration), BreakDuration, TimeSpan.FromMilliseconds(500), TimeSpan.FromHours(24));
    }
}
