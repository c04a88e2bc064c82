using Microsoft.Extensions.Options;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Limits;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web;

/// <summary>Applies <see cref="DescriptorBudget"/> to the limits of connections.</summary>
internal static partial class DescriptorExtensions
{
    public static void AddDescriptorShares(this IServiceCollection services, IConfiguration configuration)
    {
        var http = DescriptorBudget.HttpConnections(configuration.Read<HttpOptions>(HttpOptions.Section).MaxConnections);
        services.GuardDescriptors(DescriptorBudget.Spare);
        services.PostConfigure<ServerOptions>(options =>
        {
            options.SpareDescriptors = Math.Max(options.SpareDescriptors, DescriptorBudget.Spare + http);
            options.MaxConnections = Math.Min(options.MaxConnections, DescriptorBudget.ProtocolConnections(http));
        });
    }

    /// <summary>Logs a warning when the process may open too few files and sockets for the limits in the settings.</summary>
    public static void WarnIfLowered(IServiceProvider services, IConfiguration configuration)
    {
        var wanted = configuration.Read<ServerOptions>(ServerOptions.Section).MaxConnections;
        var connections = services.GetRequiredService<IOptions<ServerOptions>>().Value.MaxConnections;
        var httpWanted = services.GetRequiredService<IOptions<HttpOptions>>().Value.MaxConnections;
        var http = DescriptorBudget.HttpConnections(httpWanted);
        if (connections < wanted || http < httpWanted)
        {
            var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(DescriptorBudget).FullName!);
            var enough = DescriptorBudget.LimitFor(wanted, httpWanted);
            Lowered(logger, DescriptorLimit.Read()!.Value, connections, wanted, http, httpWanted, enough);
        }
    }


    [LoggerMessage(
        60,
        LogLevel.Warning,
        "The process may open {Limit} files and sockets, too few for its settings: Server:MaxConnections is {Connections} "
            + "instead of {Wanted}, Http:MaxConnections {Http} instead of {HttpWanted}. A limit of {Enough} is enough",
        EventName = "ConnectionsLowered")]
    private static partial void Lowered(ILogger logger, int limit, int connections, int wanted, int http, int httpWanted, int enough);
}
