namespace NetworkProtocol.Admin;

/// <summary>How a change went.</summary>
public sealed record Done(
    [property: Field("What was done.", "192.0.2.0/24 is banned without an end, 3 connections ended.")] string Text,
    [property: Field("The number of things that the change concerned, as connections.", 3)] int Count,
    [property: Field("The secret of a new token; null for every other change.", "npat_…")] string? Secret);
