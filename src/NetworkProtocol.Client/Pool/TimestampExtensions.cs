namespace NetworkProtocol.Client.Pool;

/// <summary>Calculates with the timestamps of a clock.</summary>
internal static class TimestampExtensions
{
    /// <summary>Returns the timestamp that the clock has after a delay.</summary>
    public static long TimestampAfter(this TimeProvider time, TimeSpan delay) =>
        time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);
}
