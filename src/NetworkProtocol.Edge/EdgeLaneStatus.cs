using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge;

/// <summary>What an edge holds of one lane, and how its hub takes it.</summary>
/// <param name="Lane">The lane.</param>
/// <param name="Messages">How many messages are in the buffer.</param>
/// <param name="Bytes">Their size.</param>
/// <param name="OldestTime">The time of the oldest message; null without messages.</param>
/// <param name="Mark">The last sequence number that the hub has acknowledged; 0 if none.</param>
/// <param name="Next">The sequence number of the next message that a sensor publishes.</param>
/// <param name="UntoldLosses">How many dropped messages the hub does not know of yet.</param>
/// <param name="IsUp">Whether the hub takes messages; null before the first attempt has ended.</param>
/// <param name="Error">Why it does not; null if it does.</param>
/// <param name="Since">Since when it does or does not; null before the first attempt has ended.</param>
/// <param name="AcknowledgedAt">When the hub last acknowledged messages; null if it has not since the start.</param>
/// <param name="InPerSecond">How many messages a second sensors published within the last minute.</param>
/// <param name="OutPerSecond">How many messages a second the hub acknowledged within the last minute.</param>
/// <param name="TimeToEmpty">
/// The time until the lane is empty if both rates stay; null if it does not become empty so, and while nothing is sent.
/// </param>
public sealed record EdgeLaneStatus(
    Lane Lane,
    long Messages,
    long Bytes,
    DateTimeOffset? OldestTime,
    long Mark,
    long Next,
    long UntoldLosses,
    bool? IsUp,
    string? Error,
    DateTimeOffset? Since,
    DateTimeOffset? AcknowledgedAt,
    double InPerSecond,
    double OutPerSecond,
    TimeSpan? TimeToEmpty);
