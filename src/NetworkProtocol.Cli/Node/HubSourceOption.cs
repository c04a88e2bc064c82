using System.CommandLine;

namespace NetworkProtocol.Cli.Node;

/// <summary>The option that names a source of a hub.</summary>
internal static class HubSourceOption
{
    /// <summary>Makes it.</summary>
    public static Option<string?> Create() => new("--source") { Description = "Only of this source" };
}
