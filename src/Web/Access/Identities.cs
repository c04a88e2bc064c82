using System.Security.Claims;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Access;

/// <summary>Creates ASP.NET Core's principals for users and tokens.</summary>
internal static class Identities
{
    /// <summary>The type of the claim with the id of the sign-in. Saved sign-ins contain it, so its value must not change.</summary>
    public const string SignInClaim = "session";

    public static ClaimsPrincipal Create(string scheme, string name, Role role, params IEnumerable<Claim> more)
    {
        var identity = new ClaimsIdentity(scheme, ClaimTypes.Name, ClaimTypes.Role);
        identity.AddClaim(new Claim(ClaimTypes.Name, name));
        identity.AddClaim(new Claim(ClaimTypes.Role, role.ToString()));
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, name)); // antiforgery tokens are bound to this claim
        identity.AddClaims(more);
        return new ClaimsPrincipal(identity);
    }
}
