using Serilog.Events;
using Serilog.Parsing;

namespace NetworkProtocol.Web;

/// <summary>
/// Creates the event with which an output of the log reports dropped events. The event looks like those of <see cref="ProgramLog"/>, but
/// needs no logger.
/// </summary>
internal static class DroppedEventsNotice
{
    private const int Id = 144;
    private const string Name = "EventsMissing";

    private static readonly MessageTemplate Text = new MessageTemplateParser().Parse(
        "{Count} events are missing before this line: this output of the log was too slow or failed");

    public static LogEvent Create(int count, DateTimeOffset now) => new(now, LogEventLevel.Warning, exception: null, Text,
    [
        new("Count", new ScalarValue(count)),
        new("EventId", new StructureValue([new("Id", new ScalarValue(Id)), new("Name", new ScalarValue(Name))])),
        new("SourceContext", new ScalarValue(typeof(LogQueue).FullName)),
    ]);
}
