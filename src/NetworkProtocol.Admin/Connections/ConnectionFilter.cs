using System.Text.Json.Serialization;

namespace NetworkProtocol.Admin;

/// <summary>Selects open or closed connections: a connection must match each field that is set.</summary>
public sealed record ConnectionFilter
{
    /// <summary>A network in CIDR notation, or a part of the address as the list shows it.</summary>
    [Field("A network in CIDR notation, or a part of the address as the list shows it.", "10.0.0.0/8")]
    public string? Address { get; init; }

    /// <summary>A part of the client's name.</summary>
    [Field("A part of the client's name.", "cn:orders")]
    public string? Identity { get; init; }

    /// <summary>The transport: <c>tls</c>, <c>secure</c> or <c>local</c>.</summary>
    [Field("tls, secure or local.", "tls")]
    public string? Transport { get; init; }

    /// <summary>
    /// A command, or a kind of message in capitals: one of the last 16 messages of an open connection, or the last message of a closed
    /// connection.
    /// </summary>
    [Field(
        "A command, or a kind of message in capitals: one of the last 16 messages of an open connection, "
            + "or the last message of a closed connection.",
        "ECHO")]
    public string? Command { get; init; }

    /// <summary>The state of an open connection, or the reason why a closed connection ended.</summary>
    [Field("The state of an open connection, or the reason why a closed connection ended.", "waiting")]
    public string? State { get; init; }

    /// <summary>The minimum age, as hh:mm:ss, d.hh:mm:ss or a number of seconds.</summary>
    [Field("The minimum age, as hh:mm:ss, d.hh:mm:ss or a number of seconds.", "00:10:00")]
    public string? MinAge { get; init; }

    /// <summary>The maximum age, as hh:mm:ss, d.hh:mm:ss or a number of seconds.</summary>
    [Field("The maximum age, as hh:mm:ss, d.hh:mm:ss or a number of seconds.", "01:00:00")]
    public string? MaxAge { get; init; }

    /// <summary>This filter with null instead of blank fields, and without spaces around the values.</summary>
    public ConnectionFilter WithoutBlanks() => new()
    {
        Address = NullIfBlank(Address),
        Identity = NullIfBlank(Identity),
        Transport = NullIfBlank(Transport),
        Command = NullIfBlank(Command),
        State = NullIfBlank(State),
        MinAge = NullIfBlank(MinAge),
        MaxAge = NullIfBlank(MaxAge),
    };

    /// <summary>Whether no field is set, so that every connection matches.</summary>
    [JsonIgnore]
    public bool IsEmpty => !Parts.Any();

    /// <summary>The fields that are set, with their names in the API.</summary>
    [JsonIgnore]
    public IEnumerable<(string Name, string Value)> Parts =>
        new[]
        {
            ("address", Address),
            ("identity", Identity),
            ("transport", Transport),
            ("command", Command),
            ("state", State),
            ("minAge", MinAge),
            ("maxAge", MaxAge),
        }
        .Where(part => part.Item2 is not null).Select(part => (part.Item1, part.Item2!));

    /// <summary>The filter as text, as <c>transport=tls state=waiting</c>; <c>all</c> for an empty filter.</summary>
    public override string ToString() => IsEmpty ? "all" : string.Join(' ', Parts.Select(part => $"{part.Name}={part.Value}"));

    private static string? NullIfBlank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
