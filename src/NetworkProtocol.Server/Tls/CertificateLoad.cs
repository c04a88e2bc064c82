namespace NetworkProtocol.Server.Tls;

/// <summary>An attempt to load a certificate.</summary>
/// <param name="At">When.</param>
/// <param name="Problem">Why the one before stays in use; null if it went well.</param>
public sealed record CertificateLoad(DateTimeOffset At, string? Problem);
