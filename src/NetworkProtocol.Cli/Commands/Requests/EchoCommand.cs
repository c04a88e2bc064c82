using System.CommandLine;
using NetworkProtocol.Client;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Cli.Commands.Requests;

/// <summary><c>echo</c>: sends a text and prints the answer.</summary>
internal sealed class EchoCommand : INetprotoCommand
{
    public CommandGroup Group => CommandGroup.Requests;

    public Command Create()
    {
        var command = new Command(
            "echo", "Sends a text and prints the answer. Example: netproto echo localhost:8443 hello --ca server.crt");
        var connection = new ConnectionArguments(command);
        var text = new Argument<string>("text") { Description = "Any text" };
        command.Add(text);
        command.SetAction((parsed, cancellationToken) => connection.RunAsync(parsed, async connect =>
        {
            await using var server = await connect();
            var answer = await server.RequestAsync(new Message.Echo(parsed.GetValue(text)!), cancellationToken) as Message.Echo
                ?? throw new ProtocolClientException("The server answered an Echo with another message.");
            connection.Print(parsed, answer.Text, ("text", answer.Text));
        }, cancellationToken));
        return command;
    }
}
