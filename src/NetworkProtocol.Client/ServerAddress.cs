using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace NetworkProtocol.Client;

/// <summary>The address of a server: <c>host</c>, <c>host:port</c>, <c>[v6]</c>, <c>[v6]:port</c> or <c>unix:/path</c>.</summary>
public sealed record ServerAddress
{
    /// <summary>The port of an address without a port: 8443.</summary>
    public const int DefaultPort = 8443;

    private const string UnixPrefix = "unix:";

    private ServerAddress(string host, int port, string? unixPath)
    {
        Host = host;
        Port = port;
        UnixPath = unixPath;
    }

    /// <summary>The host name, or the IP address without brackets. Empty for a Unix socket.</summary>
    public string Host { get; }

    /// <summary>The TCP port, 1 to 65,535. 0 for a Unix socket.</summary>
    public int Port { get; }

    /// <summary>The path of the Unix socket. Null for TCP.</summary>
    public string? UnixPath { get; }

    /// <summary>Whether this is a Unix socket.</summary>
    [MemberNotNullWhen(true, nameof(UnixPath))]
    public bool IsUnix => UnixPath is not null;

    /// <summary>Reads an address.</summary>
    /// <param name="text">
    /// <c>host</c>, <c>host:port</c>, <c>[v6]</c>, <c>[v6]:port</c> or <c>unix:/path</c>. The default port is 8443.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="FormatException">The text is not an address. The message says why.</exception>
    public static ServerAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Read(text, out var problem)
            ?? throw new FormatException($"'{text}' is not a server address: {problem}.");
    }

    /// <summary>Reads an address as <see cref="Parse"/> does, but throws nothing.</summary>
    /// <param name="text">The text. Null is not an address.</param>
    /// <param name="address">The address, or null if the text is not an address.</param>
    /// <returns>Whether the text is an address.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ServerAddress? address)
    {
        address = text is null ? null : Read(text, out _);
        return address is not null;
    }

    /// <summary>Returns the address in the form that <see cref="Parse"/> reads, always with the port.</summary>
    public override string ToString()
    {
        if (IsUnix)
        {
            return UnixPrefix + UnixPath;
        }

        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        return string.Create(CultureInfo.InvariantCulture, $"{host}:{Port}");
    }

    private static ServerAddress? Read(string text, out string problem)
    {
        problem = "it is empty";
        if (text.Length == 0)
        {
            return null;
        }

        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            problem = "the path after 'unix:' is missing";
            return text.Length == UnixPrefix.Length ? null : new ServerAddress("", 0, text[UnixPrefix.Length..]);
        }

        return text[0] == '[' ? ReadBracketed(text, out problem) : ReadHost(text, out problem);
    }

    private static ServerAddress? ReadBracketed(string text, out string problem)
    {
        var end = text.IndexOf(']', StringComparison.Ordinal);
        problem = "the ']' is missing";
        if (end < 0)
        {
            return null;
        }

        problem = "there is no IPv6 address between the brackets";
        var host = text[1..end];
        if (!IPAddress.TryParse(host, out var ip) || ip.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return null;
        }

        problem = "only ':' and a port may follow the ']'";
        var rest = text[(end + 1)..];
        return rest.Length == 0 ? new ServerAddress(host, DefaultPort, null)
            : rest[0] == ':' ? WithPort(host, rest[1..], out problem)
            : null;
    }

    private static ServerAddress? ReadHost(string text, out string problem)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        problem = "an IPv6 address needs brackets, as in [::1]:8443";
        if (colon != text.LastIndexOf(':'))
        {
            return null;
        }

        var host = colon < 0 ? text : text[..colon];
        problem = host.Length == 0 ? "the host is missing" : "the host is neither a name nor an IP address";
        if (Uri.CheckHostName(host) is not (UriHostNameType.Dns or UriHostNameType.IPv4))
        {
            return null;
        }

        return colon < 0 ? new ServerAddress(host, DefaultPort, null) : WithPort(host, text[(colon + 1)..], out problem);
    }

    private static ServerAddress? WithPort(string host, string text, out string problem)
    {
        problem = "the port must be a number from 1 to 65535";
        return ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0
            ? new ServerAddress(host, port, null)
            : null;
    }
}
