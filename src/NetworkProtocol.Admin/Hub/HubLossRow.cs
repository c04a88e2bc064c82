namespace NetworkProtocol.Admin;

/// <summary>Messages that an edge has declared as lost: a range of the sequence of one lane.</summary>
public sealed record HubLossRow(
    [property: Field("When the hub learned of it.", "2026-01-31T12:00:00+00:00")] DateTimeOffset At,
    [property: Field("The name of the source.", "edge1")] string Source,
    [property: Field("The lane: bulk or alarm.", "bulk")] string Lane,
    [property: Field("The epoch of the edge's buffer.", 1)] long Epoch,
    [property: Field("The first sequence number.", 12001)] long First,
    [property: Field("The number of messages.", 500)] long Count,
    [property: Field("Why they are lost: full, expired, damaged, discarded or hub_restored; reason_N for a number of a newer edge.", "full")]
    string Reason);
