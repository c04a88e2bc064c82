using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using NetworkProtocol.Admin;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Data;

namespace NetworkProtocol.Web.Access;

/// <summary>
/// Registers authentication and authorization: a cookie for the console, a token for the API. Only the probes need neither.
/// </summary>
internal static class AccessExtensions
{
    /// <summary>
    /// The header with the antiforgery token, which a request that changes something and is authenticated by the cookie must have.
    /// </summary>
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
        services.AddSingleton<SignInAudit>();
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
            antiforgery.SuppressXFrameOptionsHeader = true; // SecurityHeaders sends it with every response
        });

        services.AddOptions<AntiforgeryOptions>().Configure<CookieNames>((antiforgery, names) =>
        {
            antiforgery.Cookie.Name = names.Form;
            antiforgery.Cookie.Path = "/";
            antiforgery.Cookie.SecurePolicy = names.IsSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
        });

        // Read from the configuration and not from the validated options, because schemes are added before the validation.
        var openId = configuration.Read<AdminOptions>(AdminOptions.Section).OpenIdConnect;
        var authentication = services.AddAuthentication(EitherScheme)
            .AddPolicyScheme(EitherScheme, null, either => either.ForwardDefaultSelector = context =>
                TokenAuthentication.IsUsedBy(context.Request)
                    ? TokenAuthentication.SchemeName
                    : CookieAuthenticationDefaults.AuthenticationScheme)
            .AddScheme<AuthenticationSchemeOptions, TokenAuthentication>(TokenAuthentication.SchemeName, null)
            .AddCookie(cookie => CookieSignIn.Configure(cookie, openId.Authority.Length > 0));
        services.AddOptions<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme)
            .Configure<SignInStore, IOptions<AdminOptions>, CookieNames>((cookie, signIns, admin, names) =>
            {
                cookie.Cookie.Name = names.SignIn;
                cookie.Cookie.Path = "/";
                cookie.Cookie.SecurePolicy = names.IsSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
                cookie.SessionStore = signIns;
                cookie.ExpireTimeSpan = admin.Value.SessionLifetime;
            });
        if (openId.Authority.Length > 0)
        {
            authentication.AddOpenIdConnect(provider => OpenIdConnectSignIn.Configure(provider, openId));
        }

        services.AddSingleton<IAuthorizationPolicyProvider, UncachedPolicies>();
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder()
                .RequireRole(nameof(Role.Viewer), nameof(Role.Operator)) // AuditedActions distinguishes operators from viewers
                .Build());
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<HttpOptions>>((forwarded, http) =>
        {
            // Without a known proxy the middleware would trust these headers from every client.
            forwarded.ForwardedHeaders = http.Value.TrustedProxies.Count > 0
                ? ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto
                : ForwardedHeaders.None;

            // Any number of trusted proxies may stand in a row: the first address from the right that is not a trusted proxy is the user's.
            forwarded.ForwardLimit = null;
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var network in http.Value.TrustedProxies)
            {
                forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(network));
            }
        });
    }
}
