using System.CommandLine;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Node;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Commands.Hub;

/// <summary><c>hub rollups</c>: a series in minutes, hours or days.</summary>
internal static class HubRollupsCommand
{
    private static readonly Columns<HubRollupRow> Columns = new()
    {
        { "start", row => row.Start },
        { "count", row => row.Count },
        { "sum", row => row.Sum },
        { "min", row => row.Min },
        { "max", row => row.Max },
        { "avg", row => row.Avg },
        { "last", row => row.Last },
    };

    public static Command Create(NodeArguments arguments)
    {
        var command = new Command(
            "rollups", "Shows a series in minutes, hours or days. Example: netproto hub rollups --series 7 --resolution hour");
        var series = HubSeriesOption.Create(required: true);
        var resolution = new Option<HubResolution>("--resolution")
        {
            Description = "minute, hour or day",
            DefaultValueFactory = _ => HubResolution.Hour,
        };
        command.Add(series);
        command.Add(resolution);
        var span = new HubSpanOptions(command);
        var paging = new HubPagingOptions(command);
        ReadAction.Set(
            command,
            arguments,
            parsed => Views.Slice(
                (node, token) => node.HubRollupsAsync(
                    parsed.GetValue(series)!.Value, parsed.GetValue(resolution), span.Read(parsed), paging.Read(parsed), token),
                Columns),
            canWatch: true);
        return command;
    }
}
