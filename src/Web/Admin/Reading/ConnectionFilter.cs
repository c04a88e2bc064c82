using System.Globalization;
using System.Net;
using System.Text.Json;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Web.Admin.Api;

namespace NetworkProtocol.Web.Admin.Reading;

/// <summary>Which connections, open or closed: each field that is set must match.</summary>
internal sealed record ConnectionFilter
{
    /// <summary>A network in CIDR notation, or a part of the address as it is shown.</summary>
    [Field("A network in CIDR notation, or a part of the address as it is shown.", "10.0.0.0/8")]
    public string? Address { get; init; }

    /// <summary>A part of the client's name.</summary>
    [Field("A part of the client's name.", "cn:orders")]
    public string? Identity { get; init; }

    /// <summary><c>tls</c>, <c>secure</c> or <c>local</c>.</summary>
    [Field("tls, secure or local.", "tls")]
    public string? Transport { get; init; }

    /// <summary>A command, or a kind of message in capitals: among the last sixteen messages of an open one, the last of a closed one.</summary>
    [Field("A command, or a kind of message in capitals, among the last 16 messages of an open connection, or the last one of a closed connection.", "ECHO")]
    public string? Command { get; init; }

    /// <summary>What an open connection does, or why a closed one has ended.</summary>
    [Field("The state of an open connection, or the reason why a closed connection ended.", "waiting")]
    public string? State { get; init; }

    /// <summary>At least this old, as hh:mm:ss or in seconds.</summary>
    [Field("The minimum age, as hh:mm:ss, d.hh:mm:ss or a number of seconds.", "00:10:00")]
    public string? MinAge { get; init; }

    /// <summary>At most this old, as hh:mm:ss or in seconds.</summary>
    [Field("The maximum age, as hh:mm:ss, d.hh:mm:ss or a number of seconds.", "01:00:00")]
    public string? MaxAge { get; init; }

    /// <summary>The same with null for what is blank.</summary>
    public ConnectionFilter WithoutBlanks() => new()
    {
        Address = Given(Address),
        Identity = Given(Identity),
        Transport = Given(Transport),
        Command = Given(Command),
        State = Given(State),
        MinAge = Given(MinAge),
        MaxAge = Given(MaxAge),
    };

    /// <summary>Whether it lets everything pass.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsEmpty => this == new ConnectionFilter();

    private static string[] States { get; } = [.. Enum.GetNames<ConnectionState>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    private static string[] Reasons { get; } = [.. Enum.GetValues<CloseReason>().Skip(1).Select(reason => reason.ToName())];

    private static string[] Transports { get; } = [.. Enum.GetNames<ConnectionTransport>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    /// <summary>What is wrong with it, and what would be right; null if nothing is.</summary>
    /// <param name="closed">Whether it is about closed connections.</param>
    public string? Check(bool closed) =>
        AddressProblem()
        ?? OneOf("transport", Transport, Transports)
        ?? OneOf(closed ? "reason" : "state", State, closed ? Reasons : States)
        ?? Age("minAge", MinAge)
        ?? Age("maxAge", MaxAge)
        ?? (MinAge is not null && MaxAge is not null && TryParseAge(MinAge, out var min) && TryParseAge(MaxAge, out var max) && min > max
            ? $"minAge = {MinAge}: must be at most maxAge, {MaxAge}." : null);

    public bool Matches(Connection connection) =>
        MatchesWho(connection.RemoteEndPoint, connection.Identity, connection.Transport)
        && MatchesAge(connection.Age)
        && (State is null || Rows.Name(connection.State) == State)
        && (Command is null || connection.RecentMessages.Any(message => message.Name.Equals(Command, StringComparison.OrdinalIgnoreCase)));

    public bool Matches(ClosedConnection connection) =>
        MatchesWho(connection.RemoteEndPoint, connection.Identity, connection.Transport)
        && MatchesAge(connection.ClosedAt - connection.ConnectedAt)
        && (State is null || connection.Reason.ToName() == State)
        && (Command is null || Command.Equals(connection.LastCommand, StringComparison.OrdinalIgnoreCase));

    public override string ToString()
    {
        var parts = new[] { ("address", Address), ("identity", Identity), ("transport", Transport), ("command", Command), ("state", State), ("minAge", MinAge), ("maxAge", MaxAge) }
            .Where(part => part.Item2 is not null).Select(part => $"{part.Item1}={part.Item2}").ToArray();
        return parts.Length == 0 ? "all" : string.Join(' ', parts);
    }

    private string? AddressProblem() =>
        Address is null || IPNetwork.TryParse(Address, out _) || (!Address.Contains('/') && CanBePartOfAddress(Address)) ? null
        : $"address = {Address}: must be a network as 10.0.0.0/8 or 2001:db8::/32, a part of an address, or local.";

    private static bool CanBePartOfAddress(string text) =>
        "local".Contains(text, StringComparison.OrdinalIgnoreCase)
        || (text.All(c => char.IsAsciiHexDigit(c) || c is '.' or ':' or '[' or ']' or '%') && !IsImpossibleIPv4(text));

    private static bool IsImpossibleIPv4(string text) =>
        text.Contains('.') && text.Split(':')[0].Split('.') is var bytes && (bytes.Length > 4 || bytes.Any(IsImpossibleByte));

    private static bool IsImpossibleByte(string text) => text.Length > 0 && !byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

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
            && (age.Days == 0 || value.Split(':')[0].Contains('.', StringComparison.Ordinal)); // .NET reads 24:00:00 as 24 days
    }

    private bool MatchesWho(EndPoint? peer, ClientIdentity identity, ConnectionTransport transport) =>
        (Address is null || MatchesAddress(peer))
        && (Identity is null || identity.ToString().Contains(Identity, StringComparison.OrdinalIgnoreCase))
        && (Transport is null || Rows.Name(transport) == Transport);

    private bool MatchesAddress(EndPoint? peer) =>
        IPNetwork.TryParse(Address!, out var network) && peer is IPEndPoint { Address: var address }
            ? network.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
            : Rows.Peer(peer).Contains(Address!, StringComparison.OrdinalIgnoreCase);

    private bool MatchesAge(TimeSpan age) =>
        (MinAge is null || (TryParseAge(MinAge, out var min) && age >= min)) && (MaxAge is null || (TryParseAge(MaxAge, out var max) && age <= max));
}
