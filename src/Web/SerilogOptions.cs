using Serilog.Events;

namespace NetworkProtocol.Web;

/// <summary>The section <c>Serilog</c>: which events are logged.</summary>
internal sealed class SerilogOptions
{
    public const string Section = "Serilog";

    public MinimumLevelOptions MinimumLevel { get; } = new();
}

/// <summary>The section <c>Serilog:MinimumLevel</c>.</summary>
internal sealed class MinimumLevelOptions
{
    /// <summary>The lowest level of events that are logged.</summary>
    public LogEventLevel Default { get; set; } = LogEventLevel.Information;

    /// <summary>
    /// The lowest level for a source of events, and for all sources whose names begin with that name and a dot. For example, <c>Debug</c>
    /// for <c>NetworkProtocol.Server</c> logs the address of each connection.
    /// </summary>
    public Dictionary<string, LogEventLevel> Override { get; } = new(StringComparer.Ordinal);
}
