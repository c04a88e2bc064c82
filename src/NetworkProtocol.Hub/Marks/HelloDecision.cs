using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub.Marks;

/// <summary>What a hub does with a greeting.</summary>
/// <param name="Status">The status of the answer.</param>
/// <param name="Lane">The lane's state after the greeting, which the answer names.</param>
internal readonly record struct HelloDecision(HelloStatus Status, LaneState Lane);
