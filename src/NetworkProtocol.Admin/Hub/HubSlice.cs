namespace NetworkProtocol.Admin;

/// <summary>A part of a list of a hub. Such a list has no total and no numbered pages, because it can have millions of rows.</summary>
public sealed record HubSlice<T>(
    [property: Field("The rows of this part.")] IReadOnlyList<T> Items,
    [property: Field("The value of after for the next part; null if this part is the last.", "eyJpZCI6NDJ9")] string? Next);
