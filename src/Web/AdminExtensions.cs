using System.Text.Json;
using System.Text.Json.Serialization;
using HealthChecks.UI.Client;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using MudBlazor.Services;
using NetworkProtocol.Admin;
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

/// <summary>The console and its API.</summary>
internal static class AdminExtensions
{
    /// <summary>Circuits of browsers that are away, which wait for them to come back.</summary>
    private const int CircuitsKept = 20;

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
        AddHealth(services);
        AddApi(services);
        AddConsole(services);
    }

    /// <summary>Reads what was kept, before anyone can connect.</summary>
    /// <exception cref="InvalidOperationException">It cannot be read, its folder cannot be written, or another process uses the folder.</exception>
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
        app.Services.GetRequiredService<ConfigurationView>(); // remembers what the settings are now
        app.Services.GetRequiredService<NodeStatus>(); // remembers when the program started
    }

    public static void MapAdmin(this WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseApiProblems();
        app.UseSecurityHeaders();
        app.UseUsableHosts();
        app.RefuseForeignPages();
        app.RefusePagesWhileStopping();
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = ExplainAsync,
            StatusCodeSelector = StatusOf,
            SuppressDiagnosticsCallback = context =>
                context.Exception is BadHttpRequestException // the fault is the client's
                || StoppingPages.IsCutOff(context.HttpContext),
        });
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
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(server => server.ContentSecurityFrameAncestorsPolicy = null); // each answer has one
    }

    private static void AddHealth(IServiceCollection services)
    {
        services.AddSingleton<HealthHistory>();
        services.AddSingleton<IHealthCheckPublisher>(provider => provider.GetRequiredService<HealthHistory>());
        services.Configure<HealthCheckPublisherOptions>(publisher => (publisher.Delay, publisher.Period) = (TimeSpan.FromSeconds(1), HealthHistory.Interval));
        services.AddHealthChecks().AddCheck<CertificateCheck>("certificates").AddCheck<AuditCheck>("audit log");
    }

    private static void AddApi(IServiceCollection services)
    {
        services.AddProblemDetails();
        services.AddOpenApi("v1", openApi => openApi.AddDocumentTransformer(Described.Document).AddOperationTransformer(Described.Operation));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow; // a misspelled filter must not mean all
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        });
    }

    private static void AddConsole(IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents(circuit => circuit.DisconnectedCircuitMaxRetained = CircuitsKept);
        services.AddMudServices();
        services.AddCascadingAuthenticationState();
        services.AddScoped<CurrentUser>();
        services.AddSingleton<OpenPages>();
        services.AddHostedService(provider => provider.GetRequiredService<OpenPages>());
        services.AddScoped<CircuitHandler, SignedInOnly>();
    }

    private static int StatusOf(Exception e) => e is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;

    private static Task ExplainAsync(HttpContext context)
    {
        var error = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        var text = error is BadHttpRequestException bad ? BadRequestText.Of(bad) : "The server failed. See the server's log for the reason.";
        return Results.Problem(text, statusCode: context.Response.StatusCode).ExecuteAsync(context);
    }
}
