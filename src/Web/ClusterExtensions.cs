using Microsoft.Extensions.Options;
using NetworkProtocol.Server;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web;

/// <summary>Registers the settings of the cluster, and sets the id of this node.</summary>
internal static class ClusterExtensions
{
    public static void AddCluster(this IServiceCollection services)
    {
        services.AddSection<ClusterOptions>(ClusterOptions.Section);
        services.AddSingleton<IValidateOptions<ClusterOptions>, ClusterOptionsValidator>();
    }

    /// <summary>Sets the server's node id from the settings; without a setting the server keeps its default id.</summary>
    public static void NameNode(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<ClusterOptions>>().Value.NodeId is { Length: > 0 } id)
        {
            app.Services.GetRequiredService<ServerState>().NodeId = id;
        }
    }
}
