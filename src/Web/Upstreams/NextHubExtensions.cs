using Microsoft.Extensions.Options;
using NetworkProtocol.Edge;
using NetworkProtocol.Hub;
using NetworkProtocol.Hub.NextHub;
using NetworkProtocol.Web.Edge;

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

    // The settings of the edge are read as they stand: the options of another section would report their own errors here once more.
    private sealed class NextHubValidator(IConfiguration configuration) : IValidateOptions<HubOptions>
    {
        public ValidateOptionsResult Validate(string? name, HubOptions options)
        {
            var forward = options.Forward;
            var problems = forward.Address.Length == 0
                ? []
                : UplinkTlsCheck.Find(
                    HubForwardOptions.Section, forward.Transport, forward.CaPath, forward.CertificatePath, forward.KeyPath)
                    .Concat(CheckPath(options)).ToList();
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }

        private IEnumerable<string> CheckPath(HubOptions options)
        {
            var edge = configuration.GetSection(EdgeOptions.Section);
            if (options.Store == HubStoreKind.Sqlite // with PostgreSql there is no folder
                && !string.IsNullOrEmpty(edge[nameof(EdgeOptions.HubAddress)])
                && FullPath(options.Forward.ToEdge().Path) == FullPath(EdgeNodeExtensions.PathOfBuffer(configuration)))
            {
                yield return $"{HubForwardOptions.Section}:Path = {options.Forward.Path}: must not be {EdgeOptions.Section}:Path, "
                    + "because the edge's buffer is there";
            }
        }

        private static string FullPath(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
    }
}
