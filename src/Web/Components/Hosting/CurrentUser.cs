using Microsoft.AspNetCore.Components.Authorization;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web.Components.Hosting;

/// <summary>Whose page this is. A page lives on when its user has signed out elsewhere, so it asks each time.</summary>
internal sealed class CurrentUser(AuthenticationStateProvider authentication, SignInStore sessions)
{
    /// <summary>The user, or null when the session is over.</summary>
    public async Task<Actor?> FindAsync()
    {
        var principal = (await authentication.GetAuthenticationStateAsync()).User;
        return sessions.IsAlive(principal) ? Actor.Of(principal, sessions.AddressOf(principal), Actor.Console) : null;
    }
}
