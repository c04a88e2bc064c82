using Microsoft.Extensions.Options;
using NetworkProtocol.Server;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web;

/// <summary>Which node this is.</summary>
internal static class ClusterExtensions
{
    public static void AddCluster(this IServiceCollection services)
    {
        services.AddSection<ClusterOptions>(ClusterOptions.Section);
        services.AddSingleton<IValidateOptions<ClusterOptions>, ClusterOptionsValidator>();
    }

    /// <summary>Gives the server the id of the settings; without one it keeps its own.</summary>
    public static void NameNode(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<ClusterOptions>>().Value.NodeId is { Length: > 0 } id)
        {
            app.Services.GetRequiredService<ServerState>().NodeId = id;
        }
    }
}
