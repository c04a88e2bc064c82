using System.Net;

namespace NetworkProtocol.Web.Access;

/// <summary>Addresses as people write them.</summary>
internal static class Addresses
{
    public static string? Text(IPAddress? address) => (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString();
}
