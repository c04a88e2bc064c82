using Microsoft.Extensions.Options;
using NetworkProtocol.Hub;
using NetworkProtocol.Hub.NextHub;

namespace NetworkProtocol.Web.Upstreams;

/// <summary>The hub to which this node's hub forwards: its files are checked, and its breaker is on the board.</summary>
internal static class NextHubExtensions
{
    public static void AddNextHub(this IServiceCollection services) =>
        services.AddSingleton<IValidateOptions<HubOptions>, NextHubValidator>();

    public static void MapNextHub(this WebApplication app)
    {
        if (app.Services.GetRequiredService<HubForwarder>().Forwarding is { } next)
        {
            app.Services.GetRequiredService<BreakerBoard>().Add(next.Client);
        }
    }

    private sealed class NextHubValidator : IValidateOptions<HubOptions>
    {
        public ValidateOptionsResult Validate(string? name, HubOptions options)
        {
            var forward = options.Forward;
            var problems = forward.Address.Length == 0
                ? []
                : UplinkTlsCheck.Find(
                    HubForwardOptions.Section, forward.Transport, forward.CaPath, forward.CertificatePath, forward.KeyPath).ToList();
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}
