using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Node;

/// <summary>Registers the view and the actions of this node, which the console and the API use.</summary>
internal static class NodeExtensions
{
    public static void AddNode(this IServiceCollection services)
    {
        services.AddSingleton<IBanStore, BanFile>();
        services.AddSingleton<NodeStatus>();
        services.AddSingleton<NodeConnections>();
        services.AddSingleton<NodeDisconnects>();
        services.AddSingleton<NodeErrors>();
        services.AddSingleton<NodeBreakers>();
        services.AddSingleton<NodeBans>();
        services.AddSingleton<NodeCertificates>();
        services.AddSingleton<NodeDrain>();
        services.AddSingleton<NodeTokens>();
        services.AddSingleton<NodeEdge>();
        services.AddSingleton<HubGrowth>();
        services.AddHostedService(provider => provider.GetRequiredService<HubGrowth>());
        services.AddSingleton<NodeHub>();
        services.AddSingleton<NodeTopics>();
        services.AddSingleton<INodeView, LocalView>();
        services.AddSingleton<AuditedActions>();
        services.AddSingleton<NodeControl>();
    }
}
