namespace NetworkProtocol.Web;

/// <summary>How events are written to standard output.</summary>
internal enum LogFormat
{
    /// <summary>Lines for people: time, level, message.</summary>
    Text,

    /// <summary>
    /// One JSON object a line, in Serilog's compact format, with all properties of the event: date, level, event id, connection, peer.
    /// </summary>
    Json,
}
