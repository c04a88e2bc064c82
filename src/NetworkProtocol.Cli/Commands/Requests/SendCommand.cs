using System.CommandLine;
using System.Text;
using NetworkProtocol.Client;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Cli.Commands.Requests;

/// <summary><c>send</c>: sends a command of the server's program.</summary>
internal sealed class SendCommand : INetprotoCommand
{
    private const string StandardInput = "-";

    public CommandGroup Group => CommandGroup.Requests;

    public Command Create()
    {
        var command = new Command("send", "Sends a command and prints its answer. Example: netproto send unix:/run/np.sock STATUS");
        var connection = new ConnectionArguments(command);
        var name = new Argument<string>("command") { Description = "The command's name" };
        var payload = new Argument<string>("payload") { Description = "A text, or - for standard input", DefaultValueFactory = _ => "" };
        var noReply = new Option<bool>("--no-reply") { Description = "Do not wait for an answer" };
        var raw = new Option<bool>("--raw")
        {
            Description = "Write the answer's bytes unchanged; a terminal may interpret them as control sequences",
        };
        command.Add(name);
        command.Add(payload);
        command.Add(noReply);
        command.Add(raw);
        command.SetAction((parsed, cancellationToken) => connection.RunAsync(parsed, async connect =>
        {
            var bytes = await ReadPayloadAsync(parsed.GetValue(payload)!, cancellationToken);
            await using var server = await connect();
            var message = new Message.Custom(parsed.GetValue(name)!, bytes);
            if (parsed.GetValue(noReply))
            {
                await server.SendAsync(message, cancellationToken);
                return;
            }

            var answer = await server.RequestAsync(message, cancellationToken) as Message.Custom
                ?? throw new ProtocolClientException("The server answered a command with another message.");
            if (parsed.GetValue(raw))
            {
                await using var output = Console.OpenStandardOutput();
                await output.WriteAsync(answer.Payload, cancellationToken);
                return;
            }

            var text = Encoding.UTF8.GetString(answer.Payload.Span);
            connection.Print(parsed, text, ("command", answer.Command), ("payload", text));
        }, cancellationToken));
        return command;
    }

    private static async Task<byte[]> ReadPayloadAsync(string payload, CancellationToken cancellationToken)
    {
        if (payload != StandardInput)
        {
            return Encoding.UTF8.GetBytes(payload);
        }

        using var buffer = new MemoryStream();
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(buffer, cancellationToken);
        return buffer.ToArray();
    }
}
