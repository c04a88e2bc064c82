using System.Net;

namespace NetworkProtocol.Web.Access;

/// <summary>Writes addresses as text: an IPv4 address that a dual-stack socket reports as IPv6 is written as IPv4.</summary>
internal static class Addresses
{
    public static string? Text(IPAddress? address) => (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString();
}
