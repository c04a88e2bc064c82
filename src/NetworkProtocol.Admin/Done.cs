namespace NetworkProtocol.Admin;

/// <summary>The response to a successful change.</summary>
public sealed record Done(
    [property: Field("What was done.", "192.0.2.0/24 is banned without an end, 3 connections ended.")] string Text,
    [property: Field("The number of objects that the change affected, for example connections.", 3)] int Count,
    [property: Field("The secret of a new token; null for every other change.", "npat_…")] string? Secret);
