namespace NetworkProtocol.Edge;

/// <summary>How <see cref="EdgeControl.DiscardAsync"/> ended.</summary>
/// <param name="IsDone">Whether the messages were dropped; false: none was.</param>
/// <param name="Messages">How many messages were dropped, or would have been.</param>
/// <param name="Problem">Why none was dropped; null if they were.</param>
public sealed record EdgeDiscard(bool IsDone, long Messages, string? Problem);
