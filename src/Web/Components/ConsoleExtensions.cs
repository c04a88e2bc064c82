using Microsoft.AspNetCore.Components.Server.Circuits;
using MudBlazor.Services;
using NetworkProtocol.Web.Components.Hosting;

namespace NetworkProtocol.Web.Components;

/// <summary>Registers and maps the console's pages.</summary>
internal static class ConsoleExtensions
{
    /// <summary>How many circuits the server keeps for browsers that have lost their connection and may reconnect.</summary>
    private const int DisconnectedCircuits = 20;

    public static void AddConsole(this IServiceCollection services)
    {
        services.AddRazorComponents()
            .AddInteractiveServerComponents(circuit => circuit.DisconnectedCircuitMaxRetained = DisconnectedCircuits);
        services.AddMudServices();
        services.AddCascadingAuthenticationState();
        services.AddScoped<CurrentUser>();
        services.AddSingleton<OpenPages>();
        services.AddHostedService(provider => provider.GetRequiredService<OpenPages>());
        services.AddScoped<CircuitHandler, SignedInOnly>();
    }

    /// <summary>
    /// Maps the pages. SecurityHeaders sends the policy of frame ancestors with every response, so Blazor does not send its own.
    /// </summary>
    public static void MapConsole(this WebApplication app) =>
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(server => server.ContentSecurityFrameAncestorsPolicy = null);
}
