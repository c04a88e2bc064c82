using Microsoft.Extensions.Options;
using NetworkProtocol.Edge;
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
        services.AddSingleton<IValidateOptions<EdgeOptions>, EdgeTlsValidator>();
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

    private sealed class EdgeFolder(IOptions<AdminOptions> admin) : IPostConfigureOptions<EdgeOptions>
    {
        public void PostConfigure(string? name, EdgeOptions options) => options.Path = options.Path.Length > 0
            ? options.Path
            : Path.Combine(DataFolder.Locate(admin.Value.DataPath), Folder);
    }

    private sealed class EdgeTlsValidator : IValidateOptions<EdgeOptions>
    {
        public ValidateOptionsResult Validate(string? name, EdgeOptions options)
        {
            var problems = options.HubAddress.Length == 0 ? [] : UplinkTlsCheck.Find(
                EdgeOptions.Section, options.Transport, options.CaPath, options.CertificatePath, options.KeyPath).ToList();
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}
