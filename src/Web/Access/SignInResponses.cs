using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using NetworkProtocol.Web.Components;
using NetworkProtocol.Web.Components.Hosting;

namespace NetworkProtocol.Web.Access;

/// <summary>The responses of the sign-in endpoints: the page with its form, and refusals.</summary>
internal static class SignInResponses
{
    /// <summary>The path of the sign-in page that shows why the sign-in by the provider failed.</summary>
    public static string PathAfterFailure(ProviderFailure failure, string? returnUrl) =>
        $"{SignInEndpoints.SignInPath}?failed={failure.ToString().ToLowerInvariant()}"
            + $"&returnUrl={Uri.EscapeDataString(LocalUrl(returnUrl))}";

    public static IResult Busy(HttpContext context, string? returnUrl)
    {
        context.Response.Headers.RetryAfter = "2";
        const string Text = "The server is busy with other sign-ins and did not check your password. Try again in 2 s.";
        return Refusal(context, null, returnUrl, Text, StatusCodes.Status503ServiceUnavailable);
    }

    public static IResult TooMany(HttpContext context, string? code, string? returnUrl, RateLimitLease lease)
    {
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : SignInLimiter.Window;
        context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var text = $"Too many attempts from your address. Try again in {Math.Ceiling(wait.TotalSeconds)} s.";
        return Refusal(context, code, returnUrl, text, StatusCodes.Status429TooManyRequests);
    }

    /// <summary>Answers an attempt that was not checked: with the form for a browser, with a problem document for a program.</summary>
    private static IResult Refusal(HttpContext context, string? code, string? returnUrl, string problem, int status) =>
        Browsers.AcceptHtml(context.Request)
            ? Page(context, code, returnUrl, problem, status)
            : TypedResults.Problem(problem, statusCode: status);

    public static RazorComponentResult<SignInPage> Page(HttpContext context, string? code, string? returnUrl, string? problem, int status)
    {
        var services = context.RequestServices;
        var openId = services.GetRequiredService<IOptions<AdminOptions>>().Value.OpenIdConnect.Authority.Length > 0;
        return new RazorComponentResult<SignInPage>(new Dictionary<string, object?>
        {
            [nameof(SignInPage.Token)] = services.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context),
            [nameof(SignInPage.Code)] = code,
            [nameof(SignInPage.ReturnUrl)] = LocalUrl(returnUrl),
            [nameof(SignInPage.Problem)] = problem,
            [nameof(SignInPage.ByPassword)] = services.GetRequiredService<Passwords>().Any,
            [nameof(SignInPage.ByProvider)] = openId,
        })
        {
            StatusCode = status,
        };
    }

    /// <summary>
    /// The url if it is a path of this site, else the first page: a link to the sign-in page must not lead to another site.
    /// </summary>
    public static string LocalUrl(string? url) =>
        url is { Length: > 0 } && url[0] == '/' && (url.Length == 1 || url[1] is not ('/' or '\\')) && !url.Any(char.IsControl) ? url : "/";
}
