namespace Integration.Tests;

/// <summary>What a server has sent, on a clock that the test turns.</summary>
internal static class SentMessages
{
    /// <summary>
    /// Waits until the server has noted that it has sent what it sent at this moment of the test's clock: the client may have it earlier,
    /// and the next Ping is reckoned from there.
    /// </summary>
    public static async Task NotedAsync(this TestServer server, TimeProvider time)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!server.Registry.Open.All(connection => connection.Activity.LastSent == time.GetTimestamp()))
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
