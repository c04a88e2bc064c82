namespace NetworkProtocol.Server.Bans;

/// <summary>A ban.</summary>
/// <param name="Id">The name by which lists show it and operators lift it.</param>
/// <param name="Target">The clients that it refuses.</param>
/// <param name="Reason">Why the clients are banned, for other operators.</param>
/// <param name="By">The operator who banned them.</param>
/// <param name="At">When the ban began.</param>
/// <param name="ExpiresAt">When the ban ends; null if it never ends.</param>
public sealed record Ban(string Id, BanTarget Target, string Reason, string By, DateTimeOffset At, DateTimeOffset? ExpiresAt);
