using NetworkProtocol.Messages;

namespace Integration.Tests;

/// <summary>Clients that have proved that they are served.</summary>
internal static class ServedClient
{
    /// <summary>Connects and has a Ping answered.</summary>
    public static async Task<WireClient> ConnectAsync(System.Net.EndPoint endPoint, TimeProvider? time = null, System.Net.IPAddress? from = null)
    {
        var client = await WireClient.ConnectSecureAsync(endPoint, now: time?.GetUtcNow(), from: from);
        await client.SendAsync(new Message.Ping());
        Assert.Equal(new Message.Pong(), await client.ReadAsync());
        return client;
    }
}
