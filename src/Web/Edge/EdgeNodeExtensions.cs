using Microsoft.Extensions.Options;
using NetworkProtocol.Edge;
using NetworkProtocol.Server;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Data;
using NetworkProtocol.Web.Upstreams;

namespace NetworkProtocol.Web.Edge;

/// <summary>The edge within the program: its buffer is in the data folder, and its breaker is on the board.</summary>
internal static class EdgeNodeExtensions
{
    private const string Folder = "edge";

    public static void AddEdgeNode(this IServiceCollection services)
    {
        services.AddEdge();
        services.AddSingleton<IPostConfigureOptions<EdgeOptions>, EdgeFolder>();
        services.AddSingleton<IValidateOptions<EdgeOptions>, EdgeValidator>();
        services.AddHealthChecks().AddCheck<BufferCheck>("edge buffer", tags: ["ready"]).AddCheck<UplinkCheck>("edge uplink");
    }

    public static void MapEdgeNode(this WebApplication app)
    {
        app.MapEdge();
        if (app.Services.GetRequiredService<IOptions<EdgeOptions>>().Value.HubAddress.Length > 0)
        {
            app.Services.GetRequiredService<BreakerBoard>().Add(app.Services.GetRequiredService<EdgeUplink>().Client);
        }
    }

    /// <summary>The folder of the edge's buffer by the settings as they stand.</summary>
    public static string PathOfBuffer(IConfiguration configuration) =>
        configuration[$"{EdgeOptions.Section}:{nameof(EdgeOptions.Path)}"] is { Length: > 0 } path ? path : DefaultPath(configuration);

    private static string DefaultPath(IConfiguration configuration) =>
        Path.Combine(DataFolder.Locate(configuration[$"{AdminOptions.Section}:{nameof(AdminOptions.DataPath)}"] ?? ""), Folder);

    // The settings are read as they stand: the options of another section would report their own errors here once more.
    private sealed class EdgeFolder(IConfiguration configuration) : IPostConfigureOptions<EdgeOptions>
    {
        public void PostConfigure(string? name, EdgeOptions options) =>
            options.Path = options.Path.Length > 0 ? options.Path : DefaultPath(configuration);
    }

    private sealed class EdgeValidator(IConfiguration configuration) : IValidateOptions<EdgeOptions>
    {
        public ValidateOptionsResult Validate(string? name, EdgeOptions options)
        {
            var problems = options.HubAddress.Length == 0 ? [] : Check(options).ToList();
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }

        private IEnumerable<string> Check(EdgeOptions options)
        {
            if (options.LocalSocket == configuration[$"{ServerOptions.Section}:{nameof(ServerOptions.LocalSocket)}"])
            {
                yield return $"{EdgeOptions.Section}:LocalSocket = {options.LocalSocket}: must not be the path of "
                    + $"{ServerOptions.Section}:LocalSocket, because sensors have a socket of their own";
            }

            foreach (var problem in UplinkTlsCheck.Find(
                EdgeOptions.Section, options.Transport, options.CaPath, options.CertificatePath, options.KeyPath))
            {
                yield return problem;
            }
        }
    }
}
