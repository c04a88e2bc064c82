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
using NetworkProtocol.Web.Admin.Audit;
using NetworkProtocol.Web.Components;

namespace NetworkProtocol.Web.Admin.Access;

/// <summary>Signing in by link, password or provider, and out.</summary>
internal static class SignInEndpoints
{
    public const string SignInPath = "/sign-in";
    public const string ProviderPath = "/sign-in/provider";

    public static void MapSignIn(this WebApplication app)
    {
        app.MapGet(SignInPath, Show).AllowAnonymous().ExcludeFromDescription();
        app.MapPost(SignInPath, ByPasswordAsync).AllowAnonymous().ExcludeFromDescription();
        app.MapPost("/sign-in/link", ByLinkAsync).AllowAnonymous().ExcludeFromDescription();
        app.MapPost("/sign-out", SignOutAsync).ExcludeFromDescription();
        if (app.Services.GetRequiredService<IOptions<AdminOptions>>().Value.OpenIdConnect.Authority.Length > 0)
        {
            app.MapGet(ProviderPath, (string? returnUrl) => TypedResults.Challenge(
                new AuthenticationProperties { RedirectUri = Local(returnUrl) }, [OpenIdConnectDefaults.AuthenticationScheme])).AllowAnonymous().ExcludeFromDescription();
        }
    }

    private static IResult Show(HttpContext context, string? code, string? returnUrl, bool? failed) => context.User.Identity?.IsAuthenticated == true
        ? TypedResults.LocalRedirect(Local(returnUrl))
        : Page(
            context, code, returnUrl, failed == true ? "Your organisation's answer was not accepted; the server's log says why." : null, StatusCodes.Status200OK);

    private static async Task<IResult> ByPasswordAsync(
        HttpContext context,
        [FromForm] string? name,
        [FromForm] string? password,
        [FromForm] string? returnUrl,
        Passwords passwords,
        SignInLimiter limiter,
        AuditLog audit)
    {
        using var lease = limiter.Attempt(context.Connection.RemoteIpAddress);
        if (!lease.IsAcquired)
        {
            return TooMany(context, null, returnUrl, lease);
        }

        if (await passwords.CheckAsync(name ?? "", password ?? "", context.RequestAborted) is not { } user)
        {
            await audit.WriteAsync(name ?? "", AddressOf(context), Actor.Console, "sign-in", "", "refused", "Name or password is wrong.");
            return Page(context, null, returnUrl, "Name or password is wrong.", StatusCodes.Status401Unauthorized);
        }

        return await SignInAsync(context, user.Name, user.Role, returnUrl, "by password", audit);
    }

    private static async Task<IResult> ByLinkAsync(
        HttpContext context, [FromForm] string? code, SignInLink link, SignInLimiter limiter, AuditLog audit)
    {
        using var lease = limiter.Attempt(context.Connection.RemoteIpAddress);
        if (!lease.IsAcquired)
        {
            return TooMany(context, code, null, lease);
        }

        if (!link.TryUse(code))
        {
            await audit.WriteAsync("", AddressOf(context), Actor.Console, "sign-in", "", "refused", "The link is used, expired or wrong.");
            return Page(context, null, null, "This link was used already, or has expired. The program prints a new one when it starts.", StatusCodes.Status401Unauthorized);
        }

        return await SignInAsync(context, AdminOptions.DefaultUser, Role.Operator, null, "by link", audit);
    }

    private static async Task<IResult> SignInAsync(HttpContext context, string name, Role role, string? returnUrl, string how, AuditLog audit)
    {
        await audit.WriteAsync(name, AddressOf(context), Actor.Console, "sign-in", "", "done", how);
        await context.SignInAsync(
            CookieAuthenticationDefaults.AuthenticationScheme,
            Identities.Create(CookieAuthenticationDefaults.AuthenticationScheme, name, role, SessionStore.NewId()),
            new AuthenticationProperties { IsPersistent = true });
        return TypedResults.LocalRedirect(Local(returnUrl));
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, IAntiforgery antiforgery, AuditLog audit)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
        {
            return TypedResults.BadRequest("The form is not of this session.");
        }

        await audit.WriteAsync(context.User.Identity?.Name ?? "", AddressOf(context), Actor.Console, "sign-out", "", "done", "");
        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return TypedResults.LocalRedirect(SignInPath);
    }

    private static RazorComponentResult<SignInPage> TooMany(HttpContext context, string? code, string? returnUrl, RateLimitLease lease)
    {
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : SignInLimiter.Window;
        context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Page(
            context, code, returnUrl, $"Too many attempts from your address. Try again in {Math.Ceiling(wait.TotalSeconds)} s.", StatusCodes.Status429TooManyRequests);
    }

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

    private static string AddressOf(HttpContext context) => Addresses.Text(context.Connection.RemoteIpAddress) ?? "?";

    // Whoever makes a link to the sign-in page must not choose another site to go to afterwards.
    private static string Local(string? url) =>
        url is { Length: > 0 } && url[0] == '/' && (url.Length == 1 || url[1] is not ('/' or '\\')) && !url.Any(char.IsControl) ? url : "/";
}

/// <summary>Bounds attempts to sign in: five a minute from one IPv4 address or IPv6 /64.</summary>
internal sealed class SignInLimiter : IDisposable
{
    public const int Attempts = 5;

    private readonly PartitionedRateLimiter<IPAddress?> _limiter = PartitionedRateLimiter.Create<IPAddress?, string>(address =>
        RateLimitPartition.GetFixedWindowLimiter(Subscriber(address), _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = Attempts,
            Window = Window,
        }));

    public static TimeSpan Window { get; } = TimeSpan.FromMinutes(1);

    public RateLimitLease Attempt(IPAddress? address) => _limiter.AttemptAcquire(address);

    public void Dispose() => _limiter.Dispose();

    private static string Subscriber(IPAddress? address)
    {
        if (address is null or { AddressFamily: AddressFamily.InterNetwork } or { IsIPv4MappedToIPv6: true })
        {
            return Addresses.Text(address) ?? "";
        }

        return Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8));
    }
}

/// <summary>Addresses as people write them.</summary>
internal static class Addresses
{
    public static string? Text(IPAddress? address) => (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString();
}
