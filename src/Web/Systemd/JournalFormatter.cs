using Serilog.Events;
using Serilog.Formatting;

namespace NetworkProtocol.Web.Systemd;

/// <summary>Lines for the journal: the level as sd-daemon(3) wants it, and no time, which the journal has itself.</summary>
internal sealed class JournalFormatter : ITextFormatter
{
    /// <summary>Whether what is printed goes to the journal.</summary>
    public static bool IsWanted => Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 };

    public void Format(LogEvent logEvent, TextWriter output)
    {
        var text = logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture);
        if (logEvent.Exception is { } exception)
        {
            text += "\n" + exception;
        }

        // Each line is an entry of its own there, and would lose the level without it.
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            output.Write($"<{Priority(logEvent.Level)}>");
            output.WriteLine(line);
        }
    }

    private static int Priority(LogEventLevel level) => level switch
    {
        LogEventLevel.Fatal => 2,
        LogEventLevel.Error => 3,
        LogEventLevel.Warning => 4,
        LogEventLevel.Information => 6,
        _ => 7,
    };
}
