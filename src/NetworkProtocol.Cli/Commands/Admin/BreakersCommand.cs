using System.CommandLine;
using NetworkProtocol.Cli.Admin;

namespace NetworkProtocol.Cli.Commands.Admin;

internal static class BreakersCommand
{
    private static readonly View Breakers = View.Whole("breakers", new Columns("name", "state", "failuresInARow", "nextTrialSeconds", "lastError"));

    public static Command Create()
    {
        var command = new Command("breakers", "Shows the circuit breakers of the upstreams. Example: netproto breakers --watch");
        var admin = new AdminArguments(command);
        ReadAction.Set(command, admin, _ => Breakers, canWatch: true);
        command.Add(CreateChange(admin, "isolate", "Blocks all requests until the breaker is reset. Example: netproto breakers isolate hub:hub.example:8443"));
        command.Add(CreateChange(admin, "reset", "Allows requests again. Example: netproto breakers reset hub:hub.example:8443"));
        return command;
    }

    private static Command CreateChange(AdminArguments admin, string verb, string description)
    {
        var command = new Command(verb, description);
        var name = new Argument<string>("name") { Description = "The breaker's name, from netproto breakers" };
        command.Add(name);
        admin.SetAction(command, HttpMethod.Post, parsed => $"breakers/{Uri.EscapeDataString(parsed.GetValue(name)!)}/{verb}");
        return command;
    }
}
