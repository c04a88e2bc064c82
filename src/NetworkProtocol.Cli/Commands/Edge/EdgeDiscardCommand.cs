using System.CommandLine;
using System.Globalization;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Node;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Commands.Edge;

/// <summary><c>edge discard</c>: drops what is in the buffer.</summary>
internal static class EdgeDiscardCommand
{
    public static Command Create(NodeArguments arguments)
    {
        var command = new Command(
            "discard",
            "Discards the messages that are in the buffer, and tells the hub of the loss. Asks for their number. "
                + "Example: netproto edge discard --lane bulk");
        var lane = new Option<string?>("--lane") { Description = "Only this lane: bulk or alarm" };
        var messages = new Option<long?>("--messages")
        {
            Description = "How many messages you have seen: nothing is discarded if there are more; required without a terminal",
        };
        command.Add(lane);
        command.Add(messages);
        arguments.SetAction(command, async (node, printer, parsed, cancellationToken) =>
        {
            var seen = parsed.GetValue(messages);
            if (seen is null && Console.IsInputRedirected)
            {
                throw CommandException.Usage("there is no terminal to ask at: give --messages with their number");
            }

            var lanes = Select((await node.EdgeAsync(cancellationToken)).Lanes, parsed.GetValue(lane));
            var request = EdgeDiscardRequest.Of(lanes);
            if (seen is null && request.Messages > 0)
            {
                seen = await AskAsync(request.Messages, cancellationToken);
            }

            printer.PrintOutcome(await node.DiscardEdgeAsync(request with { Messages = seen ?? 0 }, cancellationToken));
        });
        return command;
    }

    private static List<EdgeLaneRow> Select(IReadOnlyList<EdgeLaneRow> lanes, string? name)
    {
        var selected = lanes.Where(lane => name is null || lane.Lane == name).ToList();
        return selected.Count > 0
            ? selected
            : throw CommandException.Usage($"--lane {name}: must be {string.Join(" or ", lanes.Select(lane => lane.Lane))}");
    }

    private static async Task<long> AskAsync(long messages, CancellationToken cancellationToken)
    {
        var number = messages.ToString(CultureInfo.InvariantCulture);
        var typed = await Keyboard.AskAsync($"Type {number} to discard {number} messages for ever:", cancellationToken);
        return typed.Trim() == number ? messages : throw CommandException.Failed("nothing was done");
    }
}
