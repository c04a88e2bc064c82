using System.Text.Json.Serialization;

namespace NetworkProtocol.Admin;

/// <summary>Which connections, open or closed: each field that is set must match.</summary>
public sealed record ConnectionFilter
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

    /// <summary>Whether every connection matches.</summary>
    [JsonIgnore]
    public bool IsEmpty => !Parts.Any();

    /// <summary>The fields that are set, with their names in the API.</summary>
    [JsonIgnore]
    public IEnumerable<(string Name, string Value)> Parts =>
        new[]
        {
            ("address", Address), ("identity", Identity), ("transport", Transport), ("command", Command), ("state", State), ("minAge", MinAge), ("maxAge", MaxAge),
        }
        .Where(part => part.Item2 is not null).Select(part => (part.Item1, part.Item2!));

    /// <summary>As <c>transport=tls state=waiting</c>, or <c>all</c>.</summary>
    public override string ToString() => IsEmpty ? "all" : string.Join(' ', Parts.Select(part => $"{part.Name}={part.Value}"));

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
