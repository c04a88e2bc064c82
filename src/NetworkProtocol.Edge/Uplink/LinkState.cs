namespace NetworkProtocol.Edge.Uplink;

/// <summary>Whether the hub takes messages of one lane.</summary>
/// <param name="IsUp">Whether it does; null before the first attempt has ended.</param>
/// <param name="Error">Why it does not; null if it does.</param>
/// <param name="Since">Since when it does or does not; null before the first attempt has ended.</param>
/// <param name="ToldAt">When an error was last written to the log, as a timestamp.</param>
/// <param name="ToldError">The error that was last written to the log.</param>
/// <param name="AcknowledgedAt">When it last acknowledged messages; null if it has not since the start.</param>
internal readonly record struct LinkState(
    bool? IsUp, string? Error, DateTimeOffset? Since, long ToldAt, string? ToldError, DateTimeOffset? AcknowledgedAt);
