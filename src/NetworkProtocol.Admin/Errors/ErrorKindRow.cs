namespace NetworkProtocol.Admin;

/// <summary>A kind of error, and the number of its errors among the last 10,000 errors.</summary>
public sealed record ErrorKindRow(
    [property: Field("The kind of error, as in the metric errors_total.", "unknown_command")] string Kind,
    [property: Field("The number of errors of this kind among the last 10,000 errors.", 17)] int Count,
    [property: Field("When the last error of this kind happened.", "2026-01-31T12:00:00+00:00")] DateTimeOffset LastAt);
