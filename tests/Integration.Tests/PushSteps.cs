using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Messages;
using NetworkProtocol.Server.Push;
using static Integration.Tests.CommandSteps;

namespace Integration.Tests;

/// <summary>The senders and receivers of pushed messages.</summary>
internal static class PushSteps
{
    public static IClients Clients(this TestServer server) => server.Services.GetRequiredService<IClients>();

    /// <summary>Connects a client that is a member of a group.</summary>
    public static async Task<WireClient> JoinAsync(TestServer server, string room, TimeProvider? time = null)
    {
        var client = await WireClient.ConnectSecureAsync(server.EndPoint, now: time?.GetUtcNow());
        Assert.Equal("JOIN joined", await AskAsync(client, "JOIN", room));
        return client;
    }

    /// <summary>Sends a request and returns the command and the text of the next message.</summary>
    public static async Task<string> AskAsync(WireClient client, string command, string text)
    {
        await client.SendAsync(Custom(command, text));
        return await ReadAsync(client);
    }

    public static async Task<string> ReadAsync(WireClient client)
    {
        var message = Assert.IsType<Message.Custom>(await client.ReadAsync());
        return $"{message.Command} {Text(message)}";
    }
}
