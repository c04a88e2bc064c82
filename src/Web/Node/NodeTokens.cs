using NetworkProtocol.Admin;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web.Node;

/// <summary>Lists, creates and revokes the tokens of this node's API.</summary>
internal sealed class NodeTokens(ApiTokens tokens, TimeProvider time)
{
    public IReadOnlyList<TokenRow> List() => [.. tokens.All.Select(token => new TokenRow(
        token.Name,
        token.Role,
        token.CreatedBy,
        token.CreatedAt,
        token.ExpiresAt,
        token.ExpiresAt <= time.GetUtcNow(),
        tokens.IsProvisioned(token.Name)))];

    public Outcome Create(TokenRequest request, string by)
    {
        var (name, role, lifetime) = request;
        if (string.IsNullOrWhiteSpace(name) || name.Length > ApiTokens.MaxNameLength)
        {
            return Outcome.Invalid($"name: must have 1 to {ApiTokens.MaxNameLength} characters.");
        }

        if (lifetime <= TimeSpan.Zero || lifetime > ApiTokens.MaxLifetime)
        {
            return Outcome.Invalid($"lifetime = {lifetime}: must be more than zero and at most {ApiTokens.MaxLifetime.TotalDays:0} days.");
        }

        try
        {
            return Outcome.Done($"Token '{name}' works for {DurationText.Of(lifetime)}. It is not shown again.") with
            {
                Secret = tokens.Create(name, role, lifetime, by),
            };
        }
        catch (InvalidOperationException e)
        {
            return Outcome.Conflict(e.Message);
        }
    }

    public Outcome Revoke(string name) =>
        tokens.IsProvisioned(name)
            ? Outcome.Conflict(
                $"Token '{name}' is in the settings: remove {AdminOptions.Section}:Tokens:{name} there, and restart the server.")
            : tokens.Revoke(name) ? Outcome.Done($"Token '{name}' is revoked.") : Outcome.NotFound($"There is no token '{name}'.");
}
