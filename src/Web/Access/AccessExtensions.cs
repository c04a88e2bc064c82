using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using NetworkProtocol.Admin;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Api;
using NetworkProtocol.Web.Components.Hosting;
using NetworkProtocol.Web.Data;

namespace NetworkProtocol.Web.Access;

/// <summary>Who may come in: a cookie in the console, a token at the API; nobody else past the probes.</summary>
internal static class AccessExtensions
{
    /// <summary>A token in an unsafe request that comes with a cookie.</summary>
    public const string AntiforgeryHeader = "X-XSRF-TOKEN";

    private const string EitherScheme = "CookieOrToken";

    public static void AddAccess(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<Passwords>();
        services.AddSingleton<SignInLink>();
        services.AddSingleton<CookieNames>();
        services.AddSingleton<SignInLimiter>();
        services.AddSingleton<SignInQueue>();
        services.AddSingleton<KnownBrowsers>();
        services.AddSingleton<ProviderFailures>();
        services.AddSingleton<SignInJournal>();
        services.AddSingleton<GrantStamps>();
        services.AddSingleton<SignInStore>();
        services.AddSingleton<ITokenStore, TokenFile>();
        services.AddSingleton<ApiTokens>();
        services.AddDataProtection().SetApplicationName("NetworkProtocol.Web");
        services.AddOptions<Microsoft.AspNetCore.DataProtection.KeyManagement.KeyManagementOptions>().Configure<DataFolder, ILoggerFactory>(
            (keys, folder, loggers) => keys.XmlRepository = new KeyFiles(folder, loggers));
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.HeaderName = AntiforgeryHeader;
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
            antiforgery.SuppressXFrameOptionsHeader = true; // each answer has it
        });

        services.AddOptions<AntiforgeryOptions>().Configure<CookieNames>((antiforgery, names) =>
        {
            antiforgery.Cookie.Name = names.Form;
            antiforgery.Cookie.Path = "/";
            antiforgery.Cookie.SecurePolicy = names.IsSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
        });

        // Read here and not from the validated options: schemes are added before they are checked.
        var openId = configuration.Read<AdminOptions>(AdminOptions.Section).OpenIdConnect;
        var authentication = services.AddAuthentication(EitherScheme)
            .AddPolicyScheme(EitherScheme, null, either => either.ForwardDefaultSelector = context =>
                TokenAuthentication.IsUsedBy(context.Request) ? TokenAuthentication.SchemeName : CookieAuthenticationDefaults.AuthenticationScheme)
            .AddScheme<AuthenticationSchemeOptions, TokenAuthentication>(TokenAuthentication.SchemeName, null)
            .AddCookie(cookie => Configure(cookie, openId.Authority.Length > 0));
        services.AddOptions<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme).Configure<SignInStore, IOptions<AdminOptions>, CookieNames>(
            (cookie, sessions, admin, names) =>
            {
                cookie.Cookie.Name = names.Session;
                cookie.Cookie.Path = "/";
                cookie.Cookie.SecurePolicy = names.IsSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
                cookie.SessionStore = sessions;
                cookie.ExpireTimeSpan = admin.Value.SessionLifetime;
            });
        if (openId.Authority.Length > 0)
        {
            authentication.AddOpenIdConnect(provider => Configure(provider, openId));
        }

        services.AddSingleton<IAuthorizationPolicyProvider, PoliciesOnDemand>();
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireRole(nameof(Role.Viewer), nameof(Role.Operator)).Build()); // AuditedActions tells operators from viewers
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<HttpOptions>>((forwarded, http) =>
        {
            // With no known proxy the middleware would believe everybody.
            forwarded.ForwardedHeaders = http.Value.TrustedProxies.Count > 0
                ? ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto
                : ForwardedHeaders.None;
            forwarded.ForwardLimit = null; // however many trusted proxies are in a row; the first address from the right that is none of them is the user's
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var network in http.Value.TrustedProxies)
            {
                forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(network));
            }
        });
    }

    private static void Configure(CookieAuthenticationOptions cookie, bool comesFromProvider)
    {
        cookie.Cookie.HttpOnly = true;

        // The way back from a provider is a navigation that another site began, on which Strict cookies stay at home.
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

    /// <summary>People are led to the sign-in page, programs are told.</summary>
    private static Task Answer(RedirectContext<CookieAuthenticationOptions> context, int status)
    {
        if (HttpMethods.IsGet(context.Request.Method) && Browsers.Ask(context.Request)
            && status == StatusCodes.Status401Unauthorized && !Api.ApiProblems.IsApi(context.Request.Path))
        {
            var request = context.Request;
            var wanted = context.Properties.RedirectUri is { Length: > 0 } uri ? uri : $"{request.PathBase}{request.Path}{request.QueryString}";
            var query = QueryString.Create(context.Options.ReturnUrlParameter, wanted);
            context.Response.Redirect($"{request.PathBase}{context.Options.LoginPath}{query}"); // relative: Host is the client's word
        }
        else
        {
            context.Response.StatusCode = status;
        }

        return Task.CompletedTask;
    }

    private static void Configure(OpenIdConnectOptions provider, OpenIdOptions openId)
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
        provider.ResponseMode = "query"; // a form from another site's page is turned away, and brings no Lax cookie
        provider.CorrelationCookie.SecurePolicy = provider.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        provider.CorrelationCookie.SameSite = provider.NonceCookie.SameSite = SameSiteMode.Lax;

        provider.Events.OnTicketReceived = async context =>
        {
            if ((await context.HttpContext.AuthenticateAsync(CookieAuthenticationDefaults.AuthenticationScheme)).Succeeded)
            {
                context.Response.Redirect("/"); // a session is one user's: whoever wants another signs out first
                context.HandleResponse();
                return;
            }

            var claims = context.Principal!;
            var name = claims.FindFirstValue("preferred_username") ?? claims.FindFirstValue("email") ?? claims.FindFirstValue("sub") ?? "?";
            var values = claims.FindAll(openId.RoleClaim).Select(claim => claim.Value).ToHashSet(StringComparer.Ordinal);
            Role? role = values.Overlaps(openId.Operators) ? Role.Operator : values.Overlaps(openId.Viewers) ? Role.Viewer : null;
            var journal = context.HttpContext.RequestServices.GetRequiredService<SignInJournal>();
            var address = Addresses.Text(context.HttpContext.Connection.RemoteIpAddress) ?? "?";
            if (role is null)
            {
                await journal.RefusedAsync(name, address, $"The provider's claim {openId.RoleClaim} contains no role that the settings allow.");
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
                await context.Response.WriteAsync("Your account has no role in this console. Ask an administrator for a role.");
                context.HandleResponse();
                return;
            }

            await journal.DoneAsync(name, address, "sign-in", "by provider");
            context.Principal = context.HttpContext.RequestServices.GetRequiredService<SignInStore>().CreatePrincipal(name, role.Value, Grant.Provider);
        };
        provider.Events.OnRemoteFailure = context =>
        {
            var failure = context.HttpContext.RequestServices.GetRequiredService<ProviderFailures>().Tell(context.Failure);
            context.Response.Redirect(SignInEndpoints.PathAfter(failure, context.Properties?.RedirectUri));
            context.HandleResponse();
            return Task.CompletedTask;
        };
    }
}

internal static partial class AccessLog
{
    [LoggerMessage(131, LogLevel.Error, "The sessions cannot be kept over a restart: {Problem}", EventName = "SessionsNotKept")]
    public static partial void SessionsNotKept(ILogger logger, string problem);

    [LoggerMessage(132, LogLevel.Warning, "{File} cannot be decrypted: everybody must sign in again", EventName = "SessionsNotRead")]
    public static partial void SessionsNotRead(ILogger logger, string file);
}
