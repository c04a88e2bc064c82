namespace NetworkProtocol.Admin;

/// <summary>A token of the API, without its secret.</summary>
public sealed record TokenRow(
    [property: Field("The name of the token.", "robot")] string Name,
    [property: Field("What the token may do: viewer or operator.", "operator")] Role Role,
    [property: Field("The user or token that created the token.", "admin")] string CreatedBy,
    [property: Field("When the token was created; null for a token of the settings.", "2026-01-31T12:00:00+00:00")]
    DateTimeOffset? CreatedAt,
    [property: Field("When the token expires; null for a token of the settings.", "2026-05-01T12:00:00+00:00")] DateTimeOffset? ExpiresAt,
    [property: Field("Whether the token has expired.", false)] bool Expired,
    [property: Field("Whether the token comes from the settings; such a token can be revoked only there.", false)] bool Provisioned);
