using HealthChecks.UI.Client;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Api;
using NetworkProtocol.Web.Audit;
using NetworkProtocol.Web.Components;
using NetworkProtocol.Web.Components.Hosting;
using NetworkProtocol.Web.Data;
using NetworkProtocol.Web.Health;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web;

/// <summary>Puts the console and the API together: their services, their data and the order of their middleware.</summary>
internal static class AdminExtensions
{
    public static void AddAdmin(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSection<AdminOptions>(AdminOptions.Section);
        services.AddSingleton<IValidateOptions<AdminOptions>, AdminOptionsValidator>();
        services.AddSingleton<DataFolder>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<IAuditSink>(provider => provider.GetRequiredService<AuditLog>());
        services.AddSingleton<Sampler>();
        services.AddHostedService(provider => provider.GetRequiredService<Sampler>());
        services.AddSingleton<ConfigurationView>();
        services.AddNode();
        services.AddAccess(configuration);
        services.AddHealthHistory();
        services.AddAdminApi();
        services.AddConsole();
    }

    /// <summary>Reads the saved bans, tokens, sign-ins and keys, before the server accepts connections.</summary>
    /// <exception cref="InvalidOperationException">
    /// A file cannot be read, the data folder cannot be written, or another process uses the data folder.
    /// </exception>
    public static void LoadAdmin(this WebApplication app)
    {
        var folder = app.Services.GetRequiredService<DataFolder>();
        folder.CheckFiles();
        KeyFiles.Check(folder, app.Services.GetRequiredService<IKeyManager>());
        app.Services.GetRequiredService<CookieNames>();
        app.Services.GetRequiredService<SignInStore>();
        app.Services.GetRequiredService<NodeBans>().Load();
        app.Services.GetRequiredService<ApiTokens>();
        app.Services.GetRequiredService<AuditLog>();
        app.Services.GetRequiredService<ConfigurationView>(); // records the settings at the start
        app.Services.GetRequiredService<NodeStatus>(); // records the time of the start
    }

    public static void MapAdmin(this WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseApiProblems();
        app.UseSecurityHeaders();
        app.UseHostValidation();
        app.RefuseCrossSiteRequests();
        app.RefusePagesWhileStopping();
        app.UseUnhandledErrors();
        app.UseNotFoundPage();
        app.UseBodyLimits();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UsePageSockets();
        app.UseAntiforgery();
        app.MapStaticAssets().AllowAnonymous();
        app.MapSignIn();
        app.MapAdminApi();
        app.MapHealthChecks("/health/details", new HealthCheckOptions { ResponseWriter = UIResponseWriter.WriteHealthCheckUIResponse });
        app.MapConsole();
    }
}
