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
    /// <summary>The lowest level that is logged.</summary>
    public LogEventLevel Default { get; set; } = LogEventLevel.Information;

    /// <summary>The same for a source and those whose names begin with its name and a dot, as <c>NetworkProtocol.Server</c>: with <c>Debug</c> it logs the address of each connection.</summary>
    public Dictionary<string, LogEventLevel> Override { get; } = new(StringComparer.Ordinal);
}
