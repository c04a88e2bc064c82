namespace NetworkProtocol.Hub;

/// <summary>A source: an edge, as the hub knows it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Identity">Who sends under the name, as <c>cn:edge1</c>; empty for clients without a verified name.</param>
/// <param name="FirstSeen">When the first batch or greeting came.</param>
/// <param name="LastSeen">When the last batch or greeting came.</param>
/// <param name="Lanes">The lanes that the source uses.</param>
public sealed record SourceInfo(
    string Name, string Identity, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, IReadOnlyList<LaneInfo> Lanes);
