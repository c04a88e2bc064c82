namespace NetworkProtocol.Admin;

/// <summary>A message of a connection, without its contents.</summary>
public sealed record MessageRow(
    [property: Field("When the message was received or sent.", "2026-01-31T12:00:00+00:00")] DateTimeOffset At,
    [property: Field("received or sent, as the server sees it.", "received")] string Direction,
    [property: Field("The command, or the kind of message in capitals.", "ECHO")] string Command,
    [property: Field("The size of the message in bytes.", 64)] int Bytes);
