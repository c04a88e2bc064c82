using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Access;

/// <summary>A token for the API, as it is kept: its secret is not.</summary>
/// <param name="Name">What it is called in lists and in the audit log.</param>
/// <param name="Role">What its bearer may do.</param>
/// <param name="Hash">The SHA-256 of its secret.</param>
/// <param name="CreatedAt">When it was made; null if it is in the settings.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="ExpiresAt">Until when it works; null: as long as it is in the settings.</param>
internal sealed record ApiToken(string Name, Role Role, string Hash, DateTimeOffset? CreatedAt, string CreatedBy, DateTimeOffset? ExpiresAt);
