namespace NetworkProtocol.Server.Operators;

/// <summary>What an operator's drain was asked for, and how far it is.</summary>
/// <param name="Stage">How far the drain is.</param>
/// <param name="StartedAt">When it began, or null.</param>
/// <param name="Initial">Connections that were open when it began to disconnect them.</param>
/// <param name="Remaining">Connections that are left.</param>
/// <param name="PerSecond">How many are disconnected a second.</param>
/// <param name="Deadline">When the connections that are left are aborted, or null.</param>
public sealed record DrainStatus(
    DrainStage Stage, DateTimeOffset? StartedAt, int Initial, int Remaining, int PerSecond, DateTimeOffset? Deadline);
