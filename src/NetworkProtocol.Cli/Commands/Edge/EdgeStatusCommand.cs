using System.CommandLine;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Node;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Commands.Edge;

/// <summary><c>edge status</c>: what the edge holds, and how its hub takes it.</summary>
internal static class EdgeStatusCommand
{
    private static readonly Columns<EdgeLaneRow> Lanes =
        new("lane messages bytes oldestTime link error acknowledgedAt inPerSecond outPerSecond emptyInSeconds")
        {
            { "lane", lane => lane.Lane },
            { "messages", lane => lane.Messages },
            { "bytes", lane => lane.Bytes },
            { "oldestTime", lane => lane.OldestTime },
            { "mark", lane => lane.Mark },
            { "next", lane => lane.Next },
            { "untoldLosses", lane => lane.UntoldLosses },
            { "link", lane => lane.Link },
            { "linkSince", lane => lane.LinkSince },
            { "error", lane => lane.Error },
            { "acknowledgedAt", lane => lane.AcknowledgedAt },
            { "inPerSecond", lane => lane.InPerSecond },
            { "outPerSecond", lane => lane.OutPerSecond },
            { "emptyInSeconds", lane => lane.EmptyInSeconds },
        };

    private static readonly Columns<EdgeDropRow> Drops = new()
    {
        { "reason", drop => drop.Reason },
        { "count", drop => drop.Count },
        { "lastAt", drop => drop.LastAt },
    };

    public static Command Create(NodeArguments arguments)
    {
        var command = new Command(
            "status", "Shows what the edge holds, and how its hub takes it. Example: netproto edge status --watch");
        ReadAction.Set(command, arguments, _ => ReadAsync, canWatch: true);
        return command;
    }

    private static async Task<Printout> ReadAsync(INodeView node, CancellationToken cancellationToken)
    {
        var edge = await node.EdgeAsync(cancellationToken);
        var facts = Grid.Of(Facts.Of(edge).Where(fact => fact.Value is not (IReadOnlyList<EdgeLaneRow> or IReadOnlyList<EdgeDropRow>)));
        return new Printout(
            Printout.JsonOf(edge),
            [facts, Grid.Of(edge.Lanes, Lanes), Grid.Of(edge.Drops, Drops)],
            [facts, Grid.ForPeople(edge.Lanes, Lanes), Grid.ForPeople([.. edge.Drops.Where(drop => drop.Count > 0)], Drops)]);
    }
}
