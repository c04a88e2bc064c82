using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub;

/// <summary>Messages that an edge has declared as lost: a range of the sequence of one lane.</summary>
/// <param name="Id">The number of the entry. A newer one has a larger number.</param>
/// <param name="Source">The name of the source.</param>
/// <param name="Lane">The lane.</param>
/// <param name="Epoch">The epoch of the edge's buffer.</param>
/// <param name="First">The first sequence number.</param>
/// <param name="Count">How many messages.</param>
/// <param name="Reason">Why they are lost.</param>
/// <param name="At">When the hub learned of it.</param>
public sealed record LossInfo(
    long Id, string Source, Lane Lane, long Epoch, long First, long Count, LossReason Reason, DateTimeOffset At);
