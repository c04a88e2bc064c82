namespace NetworkProtocol.Admin;

/// <summary>The connections to end, and the rate.</summary>
public sealed record DisconnectRequest(
    [property: Field("The connections to end; a field that is null or missing matches every connection.")] ConnectionFilter Filter,
    [property: Field("The number of matching connections that you have seen; the server refuses the request if many more match now.", 12)]
    int Expected,
    [property: Field("The number of connections to end each second, 1 to 100000.", 100)] int PerSecond = 100,
    [property: Field("Must be true to end all connections with an empty filter.", false)] bool All = false);
