using System.Diagnostics;
using NetworkProtocol.Messages;

namespace Integration.Tests;

public sealed class NagleTests
{
    // A delayed acknowledgement costs at least 40 ms each time. The best of ten tells it apart from a busy machine.
    private static readonly TimeSpan Lazy = TimeSpan.FromMilliseconds(5);

    [Fact]
    public async Task A_client_with_Nagle_on_is_not_kept_waiting_by_a_lazy_acknowledgement()
    {
        await using var server = await TestServer.StartAsync();
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < 10; i++)
        {
            await using var client = await WireClient.ConnectSecureAsync(server.EndPoint, noDelay: false);
            var started = Stopwatch.GetTimestamp();
            await client.SendAsync(new Message.Ping());
            Assert.IsType<Message.Pong>(await client.ReadAsync());
            var took = Stopwatch.GetElapsedTime(started);
            best = took < best ? took : best;
        }

        Assert.True(best < Lazy, $"The first answer took {best.TotalMilliseconds} ms.");
    }
}
