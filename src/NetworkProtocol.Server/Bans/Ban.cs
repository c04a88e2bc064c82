namespace NetworkProtocol.Server.Bans;

/// <summary>A ban.</summary>
/// <param name="Id">Its name in lists and for lifting it.</param>
/// <param name="Target">Whom it concerns.</param>
/// <param name="Reason">Why, for the next operator.</param>
/// <param name="By">Who banned.</param>
/// <param name="At">When.</param>
/// <param name="ExpiresAt">Until when; null for good.</param>
public sealed record Ban(string Id, BanTarget Target, string Reason, string By, DateTimeOffset At, DateTimeOffset? ExpiresAt);
