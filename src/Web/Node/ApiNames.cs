using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Web.Node;

/// <summary>How the API, the console and its filters write enumerations, addresses and names of clients.</summary>
internal static class ApiNames
{
    /// <summary>An enumeration's value in snake case, as <c>half_open</c>.</summary>
    public static string Name<T>(T value)
        where T : struct, Enum => NameCache<T>.Of(value);

    /// <summary>A client's address and port; <c>local</c> for a Unix socket.</summary>
    public static string Peer(EndPoint? peer) => peer switch
    {
        IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped => $"{mapped.Address.MapToIPv4()}:{mapped.Port}",
        IPEndPoint address => address.ToString(),
        UnixDomainSocketEndPoint or null => "local",
        _ => peer.ToString() ?? "?",
    };

    /// <summary>A client's name with its kind, as <c>cn:orders</c>; null for a client without a name.</summary>
    public static string? Identity(ClientIdentity identity) => identity.Kind == ClientIdentityKind.None ? null : identity.ToString();

    private static class NameCache<T>
        where T : struct, Enum
    {
        private static readonly Dictionary<T, string> Names =
            Enum.GetValues<T>().ToDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

        public static string Of(T value) => Names[value];
    }
}
