namespace NetworkProtocol.Admin;

/// <summary>A series of a hub: the values of one field of one topic of one source.</summary>
public sealed record HubSeriesRow(
    [property: Field("The series' number.", 7)] long Id,
    [property: Field("The name of the source.", "edge1")] string Source,
    [property: Field("The topic.", "room1/climate")] string Topic,
    [property: Field("The field within the message; empty for messages that are one value.", "temperature")] string Field,
    [property: Field("The unit; empty if unknown.", "Cel")] string Unit,
    [property: Field("The time of the last reading.", "2026-01-31T12:00:00+00:00")] DateTimeOffset LastTime,
    [property: Field("The last value; null if it is no number.", 21.5)] double? LastValue,
    [property: Field("The last value if it is a text; else null.", "open")] string? LastText);
