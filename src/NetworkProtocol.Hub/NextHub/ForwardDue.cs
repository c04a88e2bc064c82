namespace NetworkProtocol.Hub.NextHub;

/// <summary>What waits in the store for the next hub.</summary>
/// <param name="Rollups">Rollups whose time is over: days, then hours, then minutes, the oldest first.</param>
/// <param name="NewRollups">How many rollups wait whose time was not over when it was last asked for some.</param>
/// <param name="Lanes">The messages of each lane. The rollups know no message behind the last ones.</param>
internal sealed record ForwardDue(IReadOnlyList<ForwardRollup> Rollups, long NewRollups, IReadOnlyList<ForwardLane> Lanes);
