namespace NetworkProtocol.Admin;

/// <summary>A value of a series at one time: a number, a text or bytes.</summary>
public sealed record HubReadingRow(
    [property: Field("The series' number.", 7)] long Series,
    [property: Field("The name of the source.", "edge1")] string Source,
    [property: Field("The topic.", "room1/climate")] string Topic,
    [property: Field("The field within the message; empty for messages that are one value.", "temperature")] string Field,
    [property: Field("The unit; empty if unknown.", "Cel")] string Unit,
    [property: Field("When the value was measured.", "2026-01-31T12:00:00+00:00")] DateTimeOffset Time,
    [property: Field("The number; null if the value is none.", 21.5)] double? Value,
    [property: Field("The text; null if the value is a number or bytes.", "open")] string? Text,
    [property: Field("The bytes in Base64; null if the value is a number or a text.", "AAH/")] string? Base64);
