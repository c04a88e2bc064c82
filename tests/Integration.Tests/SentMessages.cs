namespace Integration.Tests;

/// <summary>The messages that a server has sent, with a clock that the test controls.</summary>
internal static class SentMessages
{
    /// <summary>
    /// Waits until the server has recorded its sent messages at the current time of the test's clock. The client may have the messages
    /// earlier, and the time of the next Ping depends on the record.
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
