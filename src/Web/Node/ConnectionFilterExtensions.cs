using System.Globalization;
using System.Net;
using System.Text.Json;
using NetworkProtocol.Admin;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Web.Node;

/// <summary>Validates a <see cref="ConnectionFilter"/>, and applies it to open and closed connections.</summary>
internal static class ConnectionFilterExtensions
{
    /// <exception cref="NodeException">The filter is wrong.</exception>
    public static void RequireValid(this ConnectionFilter filter, bool closed)
    {
        if (filter.FindProblem(closed) is { } problem)
        {
            throw new NodeException(OutcomeKind.Invalid, problem);
        }
    }

    private static string[] States { get; } = [.. Enum.GetNames<ConnectionState>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    private static string[] Reasons { get; } = [.. Enum.GetValues<CloseReason>().Skip(1).Select(reason => reason.ToName())];

    private static string[] Transports { get; } =
        [.. Enum.GetNames<ConnectionTransport>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    /// <summary>What is wrong with the filter, and what is right; null if the filter is valid.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="closed">Whether the filter is for closed connections.</param>
    public static string? FindProblem(this ConnectionFilter filter, bool closed) =>
        AddressProblem(filter.Address)
        ?? OneOf("transport", filter.Transport, Transports)
        ?? OneOf(closed ? "reason" : "state", filter.State, closed ? Reasons : States)
        ?? Age("minAge", filter.MinAge)
        ?? Age("maxAge", filter.MaxAge)
        ?? (filter is { MinAge: { } least, MaxAge: { } most }
            && TryParseAge(least, out var min) && TryParseAge(most, out var max) && min > max
                ? $"minAge = {least}: must be at most maxAge, {most}."
                : null);

    public static bool Matches(this ConnectionFilter filter, Connection connection) =>
        MatchesWho(filter, connection.RemoteEndPoint, connection.Identity, connection.Transport)
        && MatchesAge(filter, connection.Age)
        && (filter.State is null || ApiNames.Name(connection.State) == filter.State)
        && (filter.Command is not { } command
            || connection.RecentMessages.Any(message => message.Name.Equals(command, StringComparison.OrdinalIgnoreCase)));

    public static bool Matches(this ConnectionFilter filter, ClosedConnection connection) =>
        MatchesWho(filter, connection.RemoteEndPoint, connection.Identity, connection.Transport)
        && MatchesAge(filter, connection.ClosedAt - connection.ConnectedAt)
        && (filter.State is null || connection.Reason.ToName() == filter.State)
        && (filter.Command is null || filter.Command.Equals(connection.LastCommand, StringComparison.OrdinalIgnoreCase));

    private static string? AddressProblem(string? address) =>
        address is null || IPNetwork.TryParse(address, out _) || (!address.Contains('/') && CanBePartOfAddress(address)) ? null
        : $"address = {address}: must be a network as 10.0.0.0/8 or 2001:db8::/32, a part of an address, or local.";

    private static bool CanBePartOfAddress(string text) =>
        "local".Contains(text, StringComparison.OrdinalIgnoreCase)
        || (text.All(c => char.IsAsciiHexDigit(c) || c is '.' or ':' or '[' or ']' or '%') && !IsImpossibleIPv4(text));

    private static bool IsImpossibleIPv4(string text) =>
        text.Contains('.') && text.Split(':')[0].Split('.') is var bytes && (bytes.Length > 4 || bytes.Any(IsImpossibleByte));

    private static bool IsImpossibleByte(string text) =>
        text.Length > 0 && !byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static string? OneOf(string key, string? value, string[] allowed) =>
        value is null || allowed.Contains(value) ? null : $"{key} = {value}: must be one of {string.Join(", ", allowed)}.";

    private static string? Age(string key, string? value) =>
        value is null || TryParseAge(value, out _) ? null : $"{key} = {value}: must be hh:mm:ss, d.hh:mm:ss or a number of seconds.";

    private static bool TryParseAge(string value, out TimeSpan age)
    {
        if (double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && double.IsFinite(seconds) && seconds >= 0 && seconds < TimeSpan.MaxValue.TotalSeconds / 2)
        {
            age = TimeSpan.FromSeconds(seconds);
            return true;
        }

        return TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out age) && age >= TimeSpan.Zero
            && (age.Days == 0 || value.Split(':')[0].Contains('.', StringComparison.Ordinal)); // .NET parses 24:00:00 as 24 days
    }

    private static bool MatchesWho(ConnectionFilter filter, EndPoint? peer, ClientIdentity identity, ConnectionTransport transport) =>
        (filter.Address is null || MatchesAddress(filter.Address, peer))
        && (filter.Identity is null || identity.ToString().Contains(filter.Identity, StringComparison.OrdinalIgnoreCase))
        && (filter.Transport is null || ApiNames.Name(transport) == filter.Transport);

    private static bool MatchesAddress(string text, EndPoint? peer) =>
        IPNetwork.TryParse(text, out var network) && peer is IPEndPoint { Address: var address }
            ? network.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
            : ApiNames.Peer(peer).Contains(text, StringComparison.OrdinalIgnoreCase);

    private static bool MatchesAge(ConnectionFilter filter, TimeSpan age) =>
        (filter.MinAge is null || (TryParseAge(filter.MinAge, out var min) && age >= min))
        && (filter.MaxAge is null || (TryParseAge(filter.MaxAge, out var max) && age <= max));
}
