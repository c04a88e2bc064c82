using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub.Marks;

/// <summary>What a hub does with a batch.</summary>
/// <param name="Status">The status of the answer.</param>
/// <param name="Mark">The mark of the answer.</param>
/// <param name="Lane">The lane's state after the batch; null for a lane that the hub does not know.</param>
/// <param name="Duplicates">How many of the batch's first messages are stored already; the others are new if the batch is stored.</param>
/// <param name="Losses">The losses that are new; of a loss that the mark covers in part, the rest.</param>
internal sealed record AppendDecision(
    AppendStatus Status, long Mark, LaneState? Lane, int Duplicates, IReadOnlyList<Loss> Losses)
{
    public static AppendDecision Refuse(AppendStatus status, LaneState? lane) => new(status, lane?.Mark ?? 0, lane, 0, []);
}
