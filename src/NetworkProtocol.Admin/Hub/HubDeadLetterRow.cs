namespace NetworkProtocol.Admin;

/// <summary>A message that could not become readings and was put aside.</summary>
public sealed record HubDeadLetterRow(
    [property: Field("The message's time.", "2026-01-31T12:00:00+00:00")] DateTimeOffset Time,
    [property: Field("The name of the source.", "edge1")] string Source,
    [property: Field("The sequence number.", 4711)] long Sequence,
    [property: Field("The topic.", "room1/climate")] string Topic,
    [property: Field("Why the message was put aside.", "The SenML record 1 has no value.")] string Reason,
    [property: Field("The payload if it is a text, at most its first 16 KiB; else null.", "[{\"n\":\"t\"}]")] string? Text,
    [property: Field("The payload in Base64 if it is no text, at most its first 16 KiB; else null.", "AAH/")] string? Base64);
