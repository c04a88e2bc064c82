using Microsoft.AspNetCore.Components.Authorization;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web.Components.Hosting;

/// <summary>The user of a page. A page stays open when its user signs out in another tab, so each call checks the sign-in again.</summary>
internal sealed class CurrentUser(AuthenticationStateProvider authentication, SignInStore signIns)
{
    /// <summary>The user; null if the sign-in has ended.</summary>
    public async Task<Actor?> FindAsync()
    {
        var principal = (await authentication.GetAuthenticationStateAsync()).User;
        return signIns.IsAlive(principal) ? Actor.Of(principal, signIns.AddressOf(principal), Actor.Console) : null;
    }
}
