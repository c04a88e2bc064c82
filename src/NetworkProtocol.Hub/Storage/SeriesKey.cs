namespace NetworkProtocol.Hub.Storage;

/// <summary>What makes a series the only one.</summary>
internal readonly record struct SeriesKey(long Source, string Topic, string Field);
