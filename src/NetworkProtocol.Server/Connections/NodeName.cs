using System.Net;

namespace NetworkProtocol.Server.Connections;

/// <summary>Checks the id of a node, and makes one for a node without a setting for it.</summary>
internal static class NodeName
{
    public const int MaxLength = 128;

    /// <summary>The port that the id omits. Other ports are in the id, because two nodes on one host have different ports.</summary>
    private const int UsualPort = 8443;

    /// <summary>Whether the text is 1 to 128 letters, digits, dots, underscores, hyphens and colons.</summary>
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!IsAllowed(c))
            {
                return false;
            }
        }

        return text.Length is > 0 and <= MaxLength && text is not "." and not ".."; // in a path these two mean folders
    }

    /// <summary>The host's name, with the port if that is not 8443: <c>web-1</c> or <c>web-1:9443</c>.</summary>
    public static string OfHost(int? port) => Of(Dns.GetHostName(), port);

    /// <summary>The id for a host's name. Characters that an id cannot have become hyphens.</summary>
    public static string Of(string host, int? port)
    {
        var suffix = port is null or UsualPort ? "" : $":{port}";
        var name = string.Concat(host.Take(MaxLength - suffix.Length).Select(c => IsAllowed(c) ? c : '-'));
        return (IsValid(name) ? name : "node") + suffix;
    }

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ':';
}
