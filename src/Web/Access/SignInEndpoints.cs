using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Components;
using NetworkProtocol.Web.Components.Hosting;

namespace NetworkProtocol.Web.Access;

/// <summary>Signing in by link, password or provider, and out.</summary>
internal static class SignInEndpoints
{
    public const string SignInPath = "/sign-in";
    public const string ProviderPath = "/sign-in/provider";

    /// <summary>How long the provider may take for an answer.</summary>
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

    /// <summary>The sign-in page that says why the provider has not signed the user in.</summary>
    public static string PathAfter(ProviderFailure failure, string? returnUrl) =>
        $"{SignInPath}?failed={failure.ToString().ToLowerInvariant()}&returnUrl={Uri.EscapeDataString(Local(returnUrl))}";

    private static IResult Show(HttpContext context, string? code, string? returnUrl, string? failed) => IsSignedIn(context)
        ? TypedResults.LocalRedirect(Local(returnUrl))
        : Page(
            context, code, returnUrl, Enum.TryParse<ProviderFailure>(failed, ignoreCase: true, out var failure) ? ProviderFailures.TextOf(failure) : null, StatusCodes.Status200OK);

    private static async Task<IResult> ByProviderAsync(
        HttpContext context, string? returnUrl, IOptionsMonitor<OpenIdConnectOptions> options, ProviderFailures failures)
    {
        if (IsSignedIn(context))
        {
            return TypedResults.LocalRedirect(Local(returnUrl));
        }

        try
        {
            // Asked for first, within a time: else each browser would wait for all that came before it.
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            deadline.CancelAfter(ProviderTimeout);
            await options.Get(OpenIdConnectDefaults.AuthenticationScheme).ConfigurationManager!.GetConfigurationAsync(deadline.Token);
            await context.ChallengeAsync(OpenIdConnectDefaults.AuthenticationScheme, new AuthenticationProperties { RedirectUri = Local(returnUrl) });
            return TypedResults.Empty;
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested
            && e is InvalidOperationException or HttpRequestException or IOException or OperationCanceledException or OpenIdConnectProtocolException or ArgumentException)
        {
            failures.Tell(e);
            context.Response.Headers.RetryAfter = "60";
            return Page(context, null, returnUrl, ProviderFailures.TextOf(ProviderFailure.Away), StatusCodes.Status503ServiceUnavailable);
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
        SignInJournal journal)
    {
        using var lease = limiter.Attempt(context.Connection.RemoteIpAddress);
        if (!lease.IsAcquired)
        {
            return TooMany(context, null, returnUrl, lease);
        }

        var turn = await queue.WaitForTurnAsync(context.Connection.RemoteIpAddress, known.IsKnown(context, name ?? ""), context.RequestAborted);
        if (turn is null)
        {
            return Busy(context, returnUrl);
        }

        (string Name, Role Role)? checkedUser;
        using (turn)
        {
            checkedUser = passwords.Check(name ?? "", password ?? "");
        }

        if (checkedUser is not { } user)
        {
            await journal.RefusedAsync(name ?? "", AddressOf(context), "Name or password is wrong.");
            return Page(context, null, returnUrl, "Name or password is wrong.", StatusCodes.Status401Unauthorized);
        }

        known.Remember(context, user.Name);
        return await SignInAsync(context, user.Name, user.Role, Grant.Password, returnUrl, journal);
    }

    private static async Task<IResult> ByLinkAsync(
        HttpContext context, [FromForm] string? code, SignInLink link, SignInLimiter limiter, SignInJournal journal)
    {
        using var lease = limiter.Attempt(context.Connection.RemoteIpAddress);
        if (!lease.IsAcquired)
        {
            return TooMany(context, code, null, lease);
        }

        if (!link.TryUse(code))
        {
            await journal.RefusedAsync("", AddressOf(context), "The link is used, expired or wrong.");
            return Page(context, null, null, "This link was already used or has expired. The program prints a new link when it starts.", StatusCodes.Status401Unauthorized);
        }

        return await SignInAsync(context, AdminOptions.DefaultUser, Role.Operator, Grant.Link, null, journal);
    }

    private static async Task<IResult> SignInAsync(
        HttpContext context, string name, Role role, Grant grant, string? returnUrl, SignInJournal journal)
    {
        if (!IsSignedIn(context)) // a session is one user's: whoever wants another signs out first
        {
            await journal.DoneAsync(name, AddressOf(context), "sign-in", $"by {grant.ToString().ToLowerInvariant()}");
            await context.SignInAsync(
                CookieAuthenticationDefaults.AuthenticationScheme,
                context.RequestServices.GetRequiredService<SignInStore>().CreatePrincipal(name, role, grant),
                new AuthenticationProperties { IsPersistent = true });
        }

        return TypedResults.LocalRedirect(Local(returnUrl));
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, IAntiforgery antiforgery, SignInJournal journal)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
        {
            return TypedResults.BadRequest("This form belongs to another session. Reload the page and try again.");
        }

        await journal.DoneAsync(context.User.Identity?.Name ?? "", AddressOf(context), "sign-out", ""); // a log that cannot be written keeps no session alive
        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return TypedResults.LocalRedirect(SignInPath);
    }

    private static IResult Busy(HttpContext context, string? returnUrl)
    {
        context.Response.Headers.RetryAfter = "2";
        return NotTried(context, null, returnUrl, "The server is busy with other sign-ins and did not check your password. Try again in 2 s.", StatusCodes.Status503ServiceUnavailable);
    }

    private static IResult TooMany(HttpContext context, string? code, string? returnUrl, RateLimitLease lease)
    {
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : SignInLimiter.Window;
        context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return NotTried(
            context, code, returnUrl, $"Too many attempts from your address. Try again in {Math.Ceiling(wait.TotalSeconds)} s.", StatusCodes.Status429TooManyRequests);
    }

    /// <summary>The form again for a browser, a problem document for a program.</summary>
    private static IResult NotTried(HttpContext context, string? code, string? returnUrl, string problem, int status) =>
        Browsers.Ask(context.Request) ? Page(context, code, returnUrl, problem, status) : TypedResults.Problem(problem, statusCode: status);

    private static RazorComponentResult<SignInPage> Page(HttpContext context, string? code, string? returnUrl, string? problem, int status)
    {
        var services = context.RequestServices;
        var openId = services.GetRequiredService<IOptions<AdminOptions>>().Value.OpenIdConnect.Authority.Length > 0;
        return new RazorComponentResult<SignInPage>(new Dictionary<string, object?>
        {
            [nameof(SignInPage.Token)] = services.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context),
            [nameof(SignInPage.Code)] = code,
            [nameof(SignInPage.ReturnUrl)] = Local(returnUrl),
            [nameof(SignInPage.Problem)] = problem,
            [nameof(SignInPage.ByPassword)] = services.GetRequiredService<Passwords>().Any,
            [nameof(SignInPage.ByProvider)] = openId,
        })
        {
            StatusCode = status,
        };
    }

    private static bool IsSignedIn(HttpContext context) => context.User.Identity?.IsAuthenticated == true;

    private static string AddressOf(HttpContext context) => Addresses.Text(context.Connection.RemoteIpAddress) ?? "?";

    // Whoever makes a link to the sign-in page must not choose another site to go to afterwards.
    private static string Local(string? url) =>
        url is { Length: > 0 } && url[0] == '/' && (url.Length == 1 || url[1] is not ('/' or '\\')) && !url.Any(char.IsControl) ? url : "/";
}
