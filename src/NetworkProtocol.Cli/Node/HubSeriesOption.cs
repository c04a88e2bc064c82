using System.CommandLine;

namespace NetworkProtocol.Cli.Node;

/// <summary>The option that names a series of a hub.</summary>
internal static class HubSeriesOption
{
    /// <summary>Makes it.</summary>
    public static Option<long?> Create(bool required = false) => new("--series")
    {
        Description = "The number of the series; netproto hub series shows it",
        Required = required,
    };
}
