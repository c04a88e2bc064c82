using NetworkProtocol.Messages;

namespace Integration.Tests;

/// <summary>Clients that the server has answered.</summary>
internal static class ServedClient
{
    /// <summary>Connects, sends a Ping and waits for its answer.</summary>
    public static async Task<WireClient> ConnectAsync(
        System.Net.EndPoint endPoint, TimeProvider? time = null, System.Net.IPAddress? from = null)
    {
        var client = await WireClient.ConnectSecureAsync(endPoint, now: time?.GetUtcNow(), from: from);
        await client.SendAsync(new Message.Ping());
        Assert.Equal(new Message.Pong(), await client.ReadAsync());
        return client;
    }
}
