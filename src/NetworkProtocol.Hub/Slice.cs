namespace NetworkProtocol.Hub;

/// <summary>A part of a list.</summary>
/// <param name="Items">The rows.</param>
/// <param name="Next">What <see cref="HubQuery.After"/> must be for the next part; null if there is none.</param>
public sealed record Slice<T>(IReadOnlyList<T> Items, string? Next);
