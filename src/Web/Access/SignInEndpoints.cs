using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Access;

/// <summary>The endpoints that sign a user in, by link, password or provider, and that sign a user out.</summary>
internal static class SignInEndpoints
{
    public const string SignInPath = "/sign-in";
    public const string ProviderPath = "/sign-in/provider";

    /// <summary>The timeout of a request to the provider.</summary>
    public static readonly TimeSpan ProviderTimeout = TimeSpan.FromSeconds(15);

    public static void MapSignIn(this WebApplication app)
    {
        app.MapGet(SignInPath, Show).AllowAnonymous().ExcludeFromDescription();
        app.MapPost(SignInPath, ByPasswordAsync).AllowAnonymous().ExcludeFromDescription();
        app.MapPost("/sign-in/link", ByLinkAsync).AllowAnonymous().ExcludeFromDescription();
        app.MapPost("/sign-out", SignOutAsync).ExcludeFromDescription();
        if (app.Services.GetRequiredService<IOptions<AdminOptions>>().Value.OpenIdConnect.Authority.Length > 0)
        {
            app.MapGet(ProviderPath, ByProviderAsync).AllowAnonymous().ExcludeFromDescription();
        }
    }

    private static IResult Show(HttpContext context, string? code, string? returnUrl, string? failed) => IsSignedIn(context)
        ? TypedResults.LocalRedirect(SignInResponses.LocalUrl(returnUrl))
        : SignInResponses.Page(
            context,
            code,
            returnUrl,
            Enum.TryParse<ProviderFailure>(failed, ignoreCase: true, out var failure) ? ProviderFailures.TextOf(failure) : null,
            StatusCodes.Status200OK);

    private static async Task<IResult> ByProviderAsync(
        HttpContext context, string? returnUrl, IOptionsMonitor<OpenIdConnectOptions> options, ProviderFailures failures)
    {
        if (IsSignedIn(context))
        {
            return TypedResults.LocalRedirect(SignInResponses.LocalUrl(returnUrl));
        }

        try
        {
            // Read the provider's configuration first, with a timeout: else each browser would wait for the requests of all earlier
            // browsers.
            const string Scheme = OpenIdConnectDefaults.AuthenticationScheme;
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            deadline.CancelAfter(ProviderTimeout);
            await options.Get(Scheme).ConfigurationManager!.GetConfigurationAsync(deadline.Token);
            await context.ChallengeAsync(Scheme, new AuthenticationProperties { RedirectUri = SignInResponses.LocalUrl(returnUrl) });
            return TypedResults.Empty;
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested
            && e is InvalidOperationException or HttpRequestException or IOException or OperationCanceledException
                or OpenIdConnectProtocolException or ArgumentException)
        {
            failures.Report(e);
            context.Response.Headers.RetryAfter = "60";
            var text = ProviderFailures.TextOf(ProviderFailure.Away);
            return SignInResponses.Page(context, null, returnUrl, text, StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static async Task<IResult> ByPasswordAsync(
        HttpContext context,
        [FromForm] string? name,
        [FromForm] string? password,
        [FromForm] string? returnUrl,
        Passwords passwords,
        SignInLimiter limiter,
        SignInQueue queue,
        KnownBrowsers known,
        SignInAudit audit)
    {
        using var lease = limiter.Attempt(context.Connection.RemoteIpAddress);
        if (!lease.IsAcquired)
        {
            return SignInResponses.TooMany(context, null, returnUrl, lease);
        }

        var isKnown = known.IsKnown(context, name ?? "");
        var turn = await queue.WaitForTurnAsync(context.Connection.RemoteIpAddress, isKnown, context.RequestAborted);
        if (turn is null)
        {
            return SignInResponses.Busy(context, returnUrl);
        }

        (string Name, Role Role)? checkedUser;
        using (turn)
        {
            checkedUser = passwords.Check(name ?? "", password ?? "");
        }

        if (checkedUser is not { } user)
        {
            await audit.RefusedAsync(name ?? "", AddressOf(context), "Name or password is wrong.");
            return SignInResponses.Page(context, null, returnUrl, "Name or password is wrong.", StatusCodes.Status401Unauthorized);
        }

        known.Remember(context, user.Name);
        return await SignInAsync(context, user.Name, user.Role, Grant.Password, returnUrl, audit);
    }

    private static async Task<IResult> ByLinkAsync(
        HttpContext context, [FromForm] string? code, SignInLink link, SignInLimiter limiter, SignInAudit audit)
    {
        using var lease = limiter.Attempt(context.Connection.RemoteIpAddress);
        if (!lease.IsAcquired)
        {
            return SignInResponses.TooMany(context, code, null, lease);
        }

        if (!link.TryUse(code))
        {
            await audit.RefusedAsync("", AddressOf(context), "The link is used, expired or wrong.");
            const string Text = "This link was already used or has expired. The program prints a new link when it starts.";
            return SignInResponses.Page(context, null, null, Text, StatusCodes.Status401Unauthorized);
        }

        return await SignInAsync(context, AdminOptions.DefaultUser, Role.Operator, Grant.Link, null, audit);
    }

    private static async Task<IResult> SignInAsync(
        HttpContext context, string name, Role role, Grant grant, string? returnUrl, SignInAudit audit)
    {
        if (!IsSignedIn(context)) // one browser has one sign-in: a user must sign out before signing in as another user
        {
            await audit.DoneAsync(name, AddressOf(context), "sign-in", $"by {grant.ToString().ToLowerInvariant()}");
            await context.SignInAsync(
                CookieAuthenticationDefaults.AuthenticationScheme,
                context.RequestServices.GetRequiredService<SignInStore>().CreatePrincipal(name, role, grant),
                new AuthenticationProperties { IsPersistent = true });
        }

        return TypedResults.LocalRedirect(SignInResponses.LocalUrl(returnUrl));
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, IAntiforgery antiforgery, SignInAudit audit)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
        {
            return TypedResults.BadRequest("This form belongs to another sign-in. Reload the page and try again.");
        }

        // SignInAudit does not throw: the user is signed out even if the audit log cannot be written.
        await audit.DoneAsync(context.User.Identity?.Name ?? "", AddressOf(context), "sign-out", "");
        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return TypedResults.LocalRedirect(SignInPath);
    }

    private static bool IsSignedIn(HttpContext context) => context.User.Identity?.IsAuthenticated == true;

    private static string AddressOf(HttpContext context) => Addresses.Text(context.Connection.RemoteIpAddress) ?? "?";
}
