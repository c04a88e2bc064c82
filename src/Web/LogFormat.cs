namespace NetworkProtocol.Web;

/// <summary>How events are written to standard output.</summary>
internal enum LogFormat
{
    /// <summary>Lines for people: time, level, message.</summary>
    Text,

    /// <summary>A JSON object a line, in Serilog's compact format, with all that the event has: date, level, event id, connection, peer.</summary>
    Json,
}
