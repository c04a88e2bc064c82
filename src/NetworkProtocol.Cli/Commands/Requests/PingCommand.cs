using System.CommandLine;
using System.Diagnostics;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Cli.Commands.Requests;

/// <summary><c>ping</c>: measures round trips.</summary>
internal sealed class PingCommand : INetprotoCommand
{
    public CommandGroup Group => CommandGroup.Requests;

    public Command Create()
    {
        var command = new Command("ping", "Measures the time of a Ping. Example: netproto ping localhost:8443 --plain --count 3");
        var connection = new ConnectionArguments(command);
        var count = new Option<int>("--count") { Description = "How many", DefaultValueFactory = _ => 1 };
        command.Add(count);
        command.SetAction((parsed, cancellationToken) => connection.RunAsync(parsed, async connect =>
        {
            await using var server = await connect();
            for (var i = 0; i < parsed.GetValue(count); i++)
            {
                var started = Stopwatch.GetTimestamp();
                await server.RequestAsync(new Message.Ping(), cancellationToken);
                var took = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                connection.Print(parsed, FormattableString.Invariant($"Pong in {took:0.000} ms"), ("milliseconds", took));
            }
        }, cancellationToken));
        return command;
    }
}
