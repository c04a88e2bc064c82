using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Access;

/// <summary>A token for the API as it is saved: with the hash of its secret, without the secret.</summary>
/// <param name="Name">The token's name in lists and in the audit log.</param>
/// <param name="Role">What a request with the token may do.</param>
/// <param name="Hash">The SHA-256 of the secret.</param>
/// <param name="CreatedAt">When the token was created; null for a token in the settings.</param>
/// <param name="CreatedBy">The user or token that created the token.</param>
/// <param name="ExpiresAt">
/// When the token expires; null for a token in the settings, which works as long as the settings contain it.
/// </param>
internal sealed record ApiToken(
    string Name, Role Role, string Hash, DateTimeOffset? CreatedAt, string CreatedBy, DateTimeOffset? ExpiresAt);
