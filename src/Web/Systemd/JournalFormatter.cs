using Serilog.Events;
using Serilog.Formatting;

namespace NetworkProtocol.Web.Systemd;

/// <summary>
/// Formats events for systemd's journal: with the level as sd-daemon(3) describes it, and without a time, because the journal adds the
/// time.
/// </summary>
internal sealed class JournalFormatter : ITextFormatter
{
    /// <summary>Whether standard output and standard error are connected to the journal.</summary>
    public static bool IsWanted => Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 };

    public void Format(LogEvent logEvent, TextWriter output)
    {
        var text = logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture);
        if (logEvent.Exception is { } exception)
        {
            text += "\n" + exception;
        }

        // The journal makes an entry of each line, so each line needs the level.
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
