using System.CommandLine;
using System.Text.Json.Nodes;
using NetworkProtocol.Cli.Admin;

namespace NetworkProtocol.Cli.Commands.Admin;

/// <summary><c>bans</c>, <c>ban</c> and <c>unban</c>.</summary>
internal static class BanCommands
{
    private static readonly View Bans = View.Whole("bans", new Columns("id", "target", "reason", "by", "at", "expiresAt"));

    public static Command CreateList()
    {
        var command = new Command("bans", "Shows the bans, the last first. Example: netproto bans");
        ReadAction.Set(command, new AdminArguments(command), _ => Bans);
        return command;
    }

    public static Command CreateBan()
    {
        var command = new Command(
            "ban", "Bans an address, a network, a client's name or its certificate, and ends its connections; unban lifts the ban. Example: netproto ban 192.0.2.0/24 --reason \"floods us\" --for 01:00:00");
        var target = new Argument<string>("target") { Description = "An address, a network as 192.0.2.0/24, a client's name as cn:sensor-7, or a client certificate's SHA-256" };
        var reason = new Option<string>("--reason") { Description = "The reason, for other operators", Required = true };
        var duration = Durations.Option("--for", "How long the ban lasts; without an end if not given");
        command.Add(target);
        command.Add(reason);
        command.Add(duration);
        new AdminArguments(command).SetAction(command, HttpMethod.Post, _ => "bans", parsed => new JsonObject
        {
            ["target"] = parsed.GetValue(target),
            ["reason"] = parsed.GetValue(reason),
            ["duration"] = parsed.GetValue(duration)?.ToString("c"),
        });
        return command;
    }

    public static Command CreateUnban()
    {
        var command = new Command("unban", "Lifts a ban. Example: netproto unban 1F2E3D4C");
        var id = new Argument<string>("id") { Description = "The ban's id, from netproto bans" };
        command.Add(id);
        new AdminArguments(command).SetAction(command, HttpMethod.Delete, parsed => $"bans/{Uri.EscapeDataString(parsed.GetValue(id)!)}");
        return command;
    }
}
