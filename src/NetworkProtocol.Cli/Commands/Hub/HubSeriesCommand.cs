using System.CommandLine;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Node;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Commands.Hub;

/// <summary><c>hub series</c>: what the sources measure.</summary>
internal static class HubSeriesCommand
{
    private static readonly Columns<HubSeriesRow> Columns = new()
    {
        { "id", row => row.Id },
        { "source", row => row.Source },
        { "topic", row => row.Topic },
        { "field", row => row.Field },
        { "unit", row => row.Unit },
        { "lastTime", row => row.LastTime },
        { "lastValue", row => row.LastValue },
        { "lastText", row => row.LastText },
    };

    public static Command Create(NodeArguments arguments)
    {
        var command = new Command("series", "Shows the series with their last values. Example: netproto hub series --topic room1");
        var topics = new HubTopicOptions(command);
        var paging = new HubPagingOptions(command);
        ReadAction.Set(
            command,
            arguments,
            parsed => Views.Slice(
                (node, token) => node.HubSeriesAsync(topics.Source(parsed), topics.Topic(parsed), paging.Read(parsed), token), Columns),
            canWatch: true);
        return command;
    }
}
