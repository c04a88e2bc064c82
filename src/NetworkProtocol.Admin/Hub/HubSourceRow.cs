namespace NetworkProtocol.Admin;

/// <summary>A lane of a source in the list of a hub's sources. A source with two lanes has two rows.</summary>
public sealed record HubSourceRow(
    [property: Field("The source's name.", "edge1")] string Name,
    [property: Field("Who sends under the name; empty for a client without a verified name.", "cn:edge1")] string Identity,
    [property: Field("When the source's first batch or greeting came.", "2026-01-31T12:00:00+00:00")] DateTimeOffset FirstSeen,
    [property: Field("When the source's last batch or greeting came.", "2026-01-31T12:00:00+00:00")] DateTimeOffset LastSeen,
    [property: Field("The lane: bulk or alarm.", "bulk")] string Lane,
    [property: Field("The epoch of the edge's buffer.", 1)] long Epoch,
    [property: Field("The last sequence number that is stored.", 123456)] long Mark,
    [property: Field("The number of messages that are or were stored.", 123456)] long Messages,
    [property: Field("The number of messages that came again and were skipped.", 12)] long Duplicates,
    [property: Field("The number of messages that the edge has declared as lost.", 0)] long Lost,
    [property: Field("The number of messages that could not become readings and were put aside.", 0)] long DeadLetters,
    [property: Field("The time of the last message; null without a message.", "2026-01-31T12:00:00+00:00")] DateTimeOffset? LastTime,
    [property: Field("When the last message arrived; null without a message.", "2026-01-31T12:00:01+00:00")] DateTimeOffset? LastArrival,
    [property: Field("The number of messages that waited at the edge behind its last batch.", 1500)] long LagMessages,
    [property: Field("The seconds from the time of the last message to its arrival; null without a message.", 1.2)] double? LagSeconds,
    [property: Field(
        "The seconds by which the time of the last message is later than its arrival: the sender's clock is ahead of the hub's at least "
            + "by this; null without a message.", 0)]
    double? ClockAheadSeconds);
