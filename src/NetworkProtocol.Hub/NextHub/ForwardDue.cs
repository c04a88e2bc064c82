namespace NetworkProtocol.Hub.NextHub;

/// <summary>What waits in the store for the next hub.</summary>
/// <param name="Rollups">Rollups whose time is over, the oldest first.</param>
/// <param name="Lanes">The messages of each lane. The rollups know no message behind the last ones.</param>
internal sealed record ForwardDue(IReadOnlyList<ForwardRollup> Rollups, IReadOnlyList<ForwardLane> Lanes);
