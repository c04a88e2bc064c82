using System.Security.Claims;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Access;

/// <summary>What let a user in.</summary>
internal enum Grant
{
    /// <summary>The link that is printed at the start.</summary>
    Link,

    /// <summary>A password of ours.</summary>
    Password,

    /// <summary>An OpenID Connect provider.</summary>
    Provider,
}

/// <summary>Who does something, and from where.</summary>
/// <param name="Name">The user's, or the token's.</param>
/// <param name="Role">What they may do.</param>
/// <param name="From">The address.</param>
/// <param name="Via">The console, or the API.</param>
internal sealed record Actor(string Name, Role Role, string From, string Via)
{
    public const string Console = "console";
    public const string Api = "api";

    public static Actor Of(ClaimsPrincipal principal, string? from, string via) => new(
        principal.Identity?.Name ?? "?",
        principal.IsInRole(nameof(Role.Operator)) ? Role.Operator : Role.Viewer,
        from ?? "?",
        via);
}

/// <summary>How a signed-in user looks to ASP.NET Core.</summary>
internal static class Identities
{
    /// <summary>The name of the session.</summary>
    public const string SessionClaim = "session";

    public static ClaimsPrincipal Create(string scheme, string name, Role role, params IEnumerable<Claim> more)
    {
        var identity = new ClaimsIdentity(scheme, ClaimTypes.Name, ClaimTypes.Role);
        identity.AddClaim(new Claim(ClaimTypes.Name, name));
        identity.AddClaim(new Claim(ClaimTypes.Role, role.ToString()));
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, name)); // antiforgery tokens are tied to it
        identity.AddClaims(more);
        return new ClaimsPrincipal(identity);
    }
}
