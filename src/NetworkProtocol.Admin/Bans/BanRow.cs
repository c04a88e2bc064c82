namespace NetworkProtocol.Admin;

/// <summary>A ban in the list of bans.</summary>
public sealed record BanRow(
    [property: Field("The id of the ban.", "0A1B2C3D4E5F6071")] string Id,
    [property: Field("The banned address, network, client name or SHA-256 of a certificate.", "192.0.2.0/24")] string Target,
    [property: Field("The reason that the operator gave.", "floods us")] string Reason,
    [property: Field("The user or token that banned the target.", "admin")] string By,
    [property: Field("When the ban began.", "2026-01-31T12:00:00+00:00")] DateTimeOffset At,
    [property: Field("When the ban ends; null for a ban without an end.", "2026-01-31T13:00:00+00:00")] DateTimeOffset? ExpiresAt);
