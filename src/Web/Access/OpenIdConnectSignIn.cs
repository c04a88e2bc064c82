using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Access;

/// <summary>Sets up sign-in by an OpenID Connect provider, and decides which role the provider's claims give to a user.</summary>
internal static class OpenIdConnectSignIn
{
    public static void Configure(OpenIdConnectOptions provider, OpenIdOptions openId)
    {
        provider.SignInScheme = CookieAuthenticationDefaults.AuthenticationScheme;
        provider.Authority = openId.Authority;
        provider.ClientId = openId.ClientId;
        provider.ClientSecret = openId.ClientSecretFile.Length > 0 ? File.ReadAllText(openId.ClientSecretFile).Trim() : openId.ClientSecret;
        provider.RequireHttpsMetadata = !openId.AllowHttp;
        provider.ResponseType = "code";
        provider.UsePkce = true;
        provider.BackchannelTimeout = SignInEndpoints.ProviderTimeout;
        provider.MapInboundClaims = false;
        provider.TokenValidationParameters.NameClaimType = "preferred_username";
        provider.Scope.Add("email");
        provider.ResponseMode = "query"; // RefuseCrossSiteRequests refuses a form from another site, and such a form carries no Lax cookie
        provider.CorrelationCookie.SecurePolicy = provider.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        provider.CorrelationCookie.SameSite = provider.NonceCookie.SameSite = SameSiteMode.Lax;

        provider.Events.OnTicketReceived = async context =>
        {
            if ((await context.HttpContext.AuthenticateAsync(CookieAuthenticationDefaults.AuthenticationScheme)).Succeeded)
            {
                context.Response.Redirect("/"); // one browser has one sign-in: a user must sign out before signing in as another user
                context.HandleResponse();
                return;
            }

            var claims = context.Principal!;
            var name = claims.FindFirstValue("preferred_username") ?? claims.FindFirstValue("email") ?? claims.FindFirstValue("sub") ?? "?";
            var values = claims.FindAll(openId.RoleClaim).Select(claim => claim.Value).ToHashSet(StringComparer.Ordinal);
            Role? role = values.Overlaps(openId.Operators) ? Role.Operator : values.Overlaps(openId.Viewers) ? Role.Viewer : null;
            var audit = context.HttpContext.RequestServices.GetRequiredService<SignInAudit>();
            var address = Addresses.Text(context.HttpContext.Connection.RemoteIpAddress) ?? "?";
            if (role is null)
            {
                var reason = $"The provider's claim {openId.RoleClaim} contains no role that the settings allow.";
                await audit.RefusedAsync(name, address, reason);
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
                await context.Response.WriteAsync("Your account has no role in this console. Ask an administrator for a role.");
                context.HandleResponse();
                return;
            }

            await audit.DoneAsync(name, address, "sign-in", "by provider");
            context.Principal = context.HttpContext.RequestServices.GetRequiredService<SignInStore>()
                .CreatePrincipal(name, role.Value, Grant.Provider);
        };
        provider.Events.OnRemoteFailure = context =>
        {
            var failure = context.HttpContext.RequestServices.GetRequiredService<ProviderFailures>().Report(context.Failure);
            context.Response.Redirect(SignInResponses.PathAfterFailure(failure, context.Properties?.RedirectUri));
            context.HandleResponse();
            return Task.CompletedTask;
        };
    }
}
