namespace NetworkProtocol.Hub.NextHub;

/// <summary>What waits in the store for the next hub.</summary>
/// <param name="Rollups">Rollups whose time is over, the oldest first.</param>
/// <param name="LastMessage">
/// The <see cref="ForwardMessage.Id"/> of the last message that waits, 0 if none does. The rollups know no message behind it.
/// </param>
internal sealed record ForwardDue(IReadOnlyList<ForwardRollup> Rollups, long LastMessage);
