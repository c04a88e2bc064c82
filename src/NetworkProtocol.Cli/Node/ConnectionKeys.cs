using System.Text.RegularExpressions;

namespace NetworkProtocol.Cli.Node;

/// <summary>Keys of connections. A number alone is refused, because each node has a connection of that number.</summary>
internal static partial class ConnectionKeys
{
    /// <summary>What the help says of a key.</summary>
    public const string Description = "The connection's key, its node and its number, as node-1/42; netproto connections shows it";

    /// <summary>The key itself.</summary>
    /// <exception cref="CommandException">The text is not a key.</exception>
    public static string Checked(string key) => Form().IsMatch(key) ? key : throw CommandException.Usage(
        $"{key} is not the key of a connection, which has a node and a number, as node-1/42: netproto connections shows the keys");

    [GeneratedRegex(@"^[A-Za-z0-9._:-]{1,128}/[1-9][0-9]{0,18}\z")]
    private static partial Regex Form();
}
