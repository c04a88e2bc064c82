using System.Text;
using NetworkProtocol.Messages;

namespace Integration.Tests;

/// <summary>Commands whose payload is text, and their answers.</summary>
internal static class CommandSteps
{
    public static Message.Custom Custom(string command, string payload) => new(command, Encoding.UTF8.GetBytes(payload));

    public static string Text(Message? message) => Encoding.UTF8.GetString(Assert.IsType<Message.Custom>(message).Payload.Span);

    /// <summary>Sends a request whose answer must be the expected command and text.</summary>
    public static async Task AssertAnswerAsync(WireClient client, Message.Custom request, string expected)
    {
        await client.SendAsync(request);
        var answer = Assert.IsType<Message.Custom>(await client.ReadAsync());
        Assert.Equal(expected, $"{answer.Command} {Text(answer)}");
    }

    /// <summary>Skips the Pings that the server sends when time has passed.</summary>
    public static async Task<Message?> ReadAnswerAsync(WireClient client)
    {
        while (true)
        {
            if (await client.ReadAsync() is var message and not Message.Ping)
            {
                return message;
            }
        }
    }
}
