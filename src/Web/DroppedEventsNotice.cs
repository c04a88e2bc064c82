using Serilog.Events;
using Serilog.Parsing;

namespace NetworkProtocol.Web;

/// <summary>The event by which an output of the log tells what it lacks: one like those of <see cref="ProgramLog"/>, made without a logger.</summary>
internal static class Missing
{
    private const int Id = 144;
    private const string Name = "EventsMissing";

    private static readonly MessageTemplate Text = new MessageTemplateParser().Parse(
        "{Count} events are missing before this line: this output of the log was not read, or not written, in time");

    public static LogEvent Describe(int count, DateTimeOffset now) => new(now, LogEventLevel.Warning, exception: null, Text,
    [
        new("Count", new ScalarValue(count)),
        new("EventId", new StructureValue([new("Id", new ScalarValue(Id)), new("Name", new ScalarValue(Name))])),
        new("SourceContext", new ScalarValue(typeof(LogQueue).FullName)),
    ]);
}
