namespace NetworkProtocol.Server.Tls;

/// <summary>An attempt to load a certificate.</summary>
/// <param name="At">When it was made.</param>
/// <param name="Problem">Why the old certificate stays in use; null if the attempt succeeded.</param>
public sealed record CertificateLoad(DateTimeOffset At, string? Problem);
