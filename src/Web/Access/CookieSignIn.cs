using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using NetworkProtocol.Web.Api;
using NetworkProtocol.Web.Components.Hosting;

namespace NetworkProtocol.Web.Access;

/// <summary>Sets up the cookie that a signed-in browser sends, and the responses to a request without a valid cookie.</summary>
internal static class CookieSignIn
{
    public static void Configure(CookieAuthenticationOptions cookie, bool comesFromProvider)
    {
        cookie.Cookie.HttpOnly = true;

        // The provider's redirect back to this site is a navigation from another site, and browsers do not send Strict cookies with it.
        cookie.Cookie.SameSite = comesFromProvider ? SameSiteMode.Lax : SameSiteMode.Strict;
        cookie.LoginPath = SignInEndpoints.SignInPath;
        cookie.ReturnUrlParameter = "returnUrl";
        cookie.SlidingExpiration = true;
        cookie.Events.OnRedirectToLogin = context => Answer(context, StatusCodes.Status401Unauthorized);
        cookie.Events.OnRedirectToAccessDenied = context => Answer(context, StatusCodes.Status403Forbidden);
        cookie.Events.OnValidatePrincipal = context =>
        {
            context.HttpContext.RequestServices.GetRequiredService<SignInStore>()
                .Seen(context.Principal!, Addresses.Text(context.HttpContext.Connection.RemoteIpAddress));
            return Task.CompletedTask;
        };
    }

    /// <summary>Redirects a browser to the sign-in page; a program gets the status.</summary>
    private static Task Answer(RedirectContext<CookieAuthenticationOptions> context, int status)
    {
        if (HttpMethods.IsGet(context.Request.Method) && Browsers.AcceptHtml(context.Request)
            && status == StatusCodes.Status401Unauthorized && !ApiProblems.IsApi(context.Request.Path))
        {
            var request = context.Request;
            var wanted = context.Properties.RedirectUri is { Length: > 0 } uri
                ? uri
                : $"{request.PathBase}{request.Path}{request.QueryString}";
            var query = QueryString.Create(context.Options.ReturnUrlParameter, wanted);

            // The redirect is relative, because a client can send any Host.
            context.Response.Redirect($"{request.PathBase}{context.Options.LoginPath}{query}");
        }
        else
        {
            context.Response.StatusCode = status;
        }

        return Task.CompletedTask;
    }
}
