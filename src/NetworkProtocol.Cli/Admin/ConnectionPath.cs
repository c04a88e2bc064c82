using System.Text.RegularExpressions;

namespace NetworkProtocol.Cli.Admin;

/// <summary>Where the API has a connection. A number alone is refused: each node has a connection of that number.</summary>
internal static partial class ConnectionPath
{
    public const string Description = "The connection's key, its node and its number, as node-1/42; netproto connections shows it";

    /// <exception cref="AdminException">It is no key.</exception>
    public static string Of(string key) => $"connections/{Checked(key)}";

    /// <summary>The key itself.</summary>
    /// <exception cref="AdminException">It is no key.</exception>
    public static string Checked(string key) => Form().IsMatch(key) ? key : throw AdminException.Usage(
        $"{key} is not the key of a connection, which has a node and a number, as node-1/42: netproto connections shows the keys");

    [GeneratedRegex(@"^[A-Za-z0-9._:-]{1,128}/[1-9][0-9]{0,18}\z")]
    private static partial Regex Form();
}
