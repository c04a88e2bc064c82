using NetworkProtocol.Client;
using NetworkProtocol.Messages;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Push;

namespace NetworkProtocol.Client.Tests;

/// <summary>Messages that a server pushes reach the client, and no request takes them for its answer.</summary>
public sealed class PushedMessageTests
{
    private const int Messages = 200;

    [Fact]
    public async Task Pushed_messages_come_in_order_beside_the_answers()
    {
        await using var server = await MemoryServer.StartAsync(app =>
        {
            app.MapCommand("JOIN", async (string room, CommandContext context) =>
            {
                await context.Groups.AddAsync(room);
                return room;
            });
            app.MapCommand("TELL", async (string number, IClients clients) =>
            {
                await clients.Group("room").SendAsync("NEWS", number);
                return number;
            });
        });
        var dialled = new DialledConnections(server);
        await using var client = dialled.CreateClient();
        await AskAsync(client, "JOIN", "room");
        for (var i = 0; i < Messages; i++)
        {
            Assert.Equal($"{i}", await AskAsync(client, "TELL", $"{i}"));
        }

        var next = 0;
        await foreach (var message in client.ReadAllAsync())
        {
            Assert.Equal(new Message.Custom("NEWS", System.Text.Encoding.UTF8.GetBytes($"{next++}")), message);
            if (next == Messages)
            {
                break;
            }
        }
    }

    private static async Task<string> AskAsync(ProtocolClient client, string command, string text)
    {
        var answer = await client.RequestAsync(new Message.Custom(command, System.Text.Encoding.UTF8.GetBytes(text)));
        return System.Text.Encoding.UTF8.GetString(Assert.IsType<Message.Custom>(answer).Payload.Span);
    }
}
