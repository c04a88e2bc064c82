using Microsoft.Extensions.Options;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Limits;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web;

/// <summary>Shares the descriptors that the process may have among connections, HTTP and the program itself.</summary>
internal static partial class Descriptors
{
    /// <summary>What the program itself has open: each loaded assembly takes two. 351 after the start, and more once the console is in use.</summary>
    private const int Own = 448;

    /// <summary>What nobody may take: threads that start, log files, certificates that are read again.</summary>
    private const int Spare = 64;

    /// <summary>With fewer connections than this it is no server.</summary>
    private const int Fewest = 64;

    /// <summary>HTTP has this part of what is left at most.</summary>
    private const int HttpPart = 4;

    /// <summary>Why the program cannot start with the limit that it has, or null. It is asked before anything else is loaded.</summary>
    public static string? FindProblem() => DescriptorLimit.Read() is { } limit && limit < Own + Spare + Fewest
        ? $"The process may open {limit} files and sockets, and the program needs {Own + Spare + Fewest} at least: raise the limit (LimitNOFILE= in a systemd unit, ulimits in a container, ulimit -n in a shell)."
        : null;

    /// <summary>HTTP connections that there is room for.</summary>
    public static int HttpConnections(int wanted) =>
        DescriptorLimit.Read() is { } limit ? Math.Min(wanted, Math.Max(1, (limit - Own - Spare) / HttpPart)) : wanted;

    public static void AddDescriptorShares(this IServiceCollection services, IConfiguration configuration)
    {
        var http = HttpConnections(configuration.Read<HttpOptions>(HttpOptions.Section).MaxConnections);
        services.GuardDescriptors(Spare);
        services.PostConfigure<ServerOptions>(options =>
        {
            options.SpareDescriptors = Math.Max(options.SpareDescriptors, Spare + http);
            options.MaxConnections = Math.Min(options.MaxConnections, ProtocolConnections(http));
        });
    }

    /// <summary>Says so when there are fewer connections than the settings want.</summary>
    public static void WarnIfLowered(IServiceProvider services, IConfiguration configuration)
    {
        var server = configuration.Read<ServerOptions>(ServerOptions.Section);
        var http = services.GetRequiredService<IOptions<HttpOptions>>().Value.MaxConnections;
        var (connections, httpConnections) = (services.GetRequiredService<IOptions<ServerOptions>>().Value.MaxConnections, HttpConnections(http));
        if (connections < server.MaxConnections || httpConnections < http)
        {
            var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Descriptors).FullName!);
            Lowered(logger, DescriptorLimit.Read()!.Value, connections, server.MaxConnections, httpConnections, http, Own + Spare + Math.Max(HttpPart * http, http + server.MaxConnections));
        }
    }

    private static int ProtocolConnections(int http) => DescriptorLimit.Read() is { } limit ? Math.Max(1, limit - Own - Spare - http) : int.MaxValue;

    [LoggerMessage(60, LogLevel.Warning, "The process may open {Limit} files and sockets, too few for its settings: Server:MaxConnections is {Connections} instead of {Wanted}, Http:MaxConnections {Http} instead of {HttpWanted}. A limit of {Enough} is enough", EventName = "ConnectionsLowered")]
    private static partial void Lowered(ILogger logger, int limit, int connections, int wanted, int http, int httpWanted, int enough);
}
