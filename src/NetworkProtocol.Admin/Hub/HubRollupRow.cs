namespace NetworkProtocol.Admin;

/// <summary>What the numbers of a series were in one minute, hour or day.</summary>
public sealed record HubRollupRow(
    [property: Field("The beginning of that time.", "2026-01-31T12:00:00+00:00")] DateTimeOffset Start,
    [property: Field("How many numbers there were.", 60)] long Count,
    [property: Field("Their sum; null if it is too large for a number.", 1290)] double? Sum,
    [property: Field("The smallest.", 20.5)] double Min,
    [property: Field("The largest.", 22.5)] double Max,
    [property: Field("The mean; null if the sum is.", 21.5)] double? Avg,
    [property: Field("The last by time.", 21.25)] double Last);
