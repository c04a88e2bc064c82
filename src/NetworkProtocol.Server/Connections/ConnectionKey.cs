using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace NetworkProtocol.Server.Connections;

/// <summary>Names a connection among the connections of all nodes. Each node numbers its own from 1.</summary>
/// <param name="Node">The node's id, as <see cref="ServerState.NodeId"/> has it.</param>
/// <param name="Id">The connection's number on that node.</param>
public readonly record struct ConnectionKey(string Node, long Id)
{
    private const char Separator = '/';

    /// <summary>Whether a text can be the id of a node: 1 to 128 letters, digits, dots, underscores, hyphens and colons.</summary>
    /// <param name="text">The text.</param>
    public static bool IsNode([NotNullWhen(true)] string? text) => NodeName.IsValid(text);

    /// <summary>The key as <c>node-1/42</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Node}{Separator}{Id}");

    /// <summary>
    /// Reads <c>node-1/42</c>: the id of a node, see <see cref="IsNode"/>, and a number from 1 on. Leading zeros are refused, so that each
    /// connection has one key.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="key">The key; the default if the text is not a key.</param>
    /// <returns>Whether the text is a key.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out ConnectionKey key)
    {
        key = default;
        var slash = text?.IndexOf(Separator, StringComparison.Ordinal) ?? -1;
        if (slash < 0 || !NodeName.IsValid(text.AsSpan(0, slash)) || !TryParseId(text.AsSpan(slash + 1), out var id))
        {
            return false;
        }

        key = new ConnectionKey(text![..slash], id);
        return true;
    }

    private static bool TryParseId(ReadOnlySpan<char> text, out long id) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && text[0] != '0';
}
