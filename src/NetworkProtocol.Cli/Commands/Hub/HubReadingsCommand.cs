using System.CommandLine;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Node;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Commands.Hub;

/// <summary><c>hub readings</c>: the readings of a series, or the last reading of each series.</summary>
internal static class HubReadingsCommand
{
    private static readonly Columns<HubReadingRow> Columns = new("time series source topic field value unit text base64")
    {
        { "series", row => row.Series },
        { "source", row => row.Source },
        { "topic", row => row.Topic },
        { "field", row => row.Field },
        { "unit", row => row.Unit },
        { "time", row => row.Time },
        { "value", row => row.Value },
        { "text", row => row.Text },
        { "base64", row => row.Base64 },
    };

    public static Command Create(NodeArguments arguments)
    {
        var command = new Command(
            "readings",
            "Shows the readings of a series, or the last reading of each series; the newest first. "
                + "Example: netproto hub readings --series 7 --from 2026-11-28T12:00:00Z");
        var series = HubSeriesOption.Create();
        command.Add(series);
        var topics = new HubTopicOptions(command);
        var span = new HubSpanOptions(command);
        var paging = new HubPagingOptions(command);
        ReadAction.Set(
            command,
            arguments,
            parsed => View(parsed.GetValue(series), topics.Source(parsed), topics.Topic(parsed), span.Read(parsed), paging.Read(parsed)),
            canWatch: true);
        return command;
    }

    private static View View(long? series, string? source, string? topic, HubSpan span, HubPaging paging)
    {
        if (series is { } id)
        {
            return source is null && topic is null
                ? Views.Slice((node, token) => node.HubReadingsAsync(id, span, paging, token), Columns)
                : throw CommandException.Usage("--series excludes --source and --topic");
        }

        return span == new HubSpan()
            ? Views.Slice((node, token) => node.HubLatestAsync(source, topic, paging, token), Columns)
            : throw CommandException.Usage("--from and --to need --series: netproto hub series shows the numbers");
    }
}
