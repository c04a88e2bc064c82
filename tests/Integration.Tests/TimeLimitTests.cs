using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Messages;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Connections;

namespace Integration.Tests;

/// <summary>Each time limit, with a clock that the test controls.</summary>
public sealed class TimeLimitTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_handshake_that_takes_too_long_ends()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.StartAsync(time: time);
        await using var client = await WireClient.ConnectAsync(server.EndPoint);
        await client.SendAsync("NPR"u8.ToArray());
        await OpenAsync(server);
        time.Advance(5 * Second);
        Assert.Empty(server.Registry.Closed);
        time.Advance(2 * Second);
        await client.ReadToEndAsync();
        Assert.Equal(CloseReason.HandshakeTimedOut, (await server.FirstClosedAsync()).Reason);
    }

    [Fact]
    public async Task A_silent_client_is_pinged_and_then_dead()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.StartAsync(time: time);
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint, now: time.GetUtcNow());
        await client.SendAsync(new Message.Ping());
        Assert.IsType<Message.Pong>(await client.ReadAsync());
        for (var i = 0; i < 3; i++)
        {
            await server.NotedAsync(time);
            time.Advance(16 * Second);
            Assert.IsType<Message.Ping>(await client.ReadAsync());
        }

        await server.NotedAsync(time);
        time.Advance(16 * Second);
        await client.ReadToEndAsync();
        Assert.Equal(CloseReason.Dead, (await server.FirstClosedAsync()).Reason);
    }

    [Fact]
    public async Task A_local_client_that_has_sent_no_Ping_is_sent_none_and_stays_however_silent()
    {
        var folder = Directory.CreateTempSubdirectory("npro");
        var path = Path.Combine(folder.FullName, "local.sock");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using (var server = await TestServer.StartAsync(new() { ["LocalSocket"] = path }, time: time))
        {
            await using var client = await WireClient.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
            for (var i = 0; i < 10; i++)
            {
                await client.SendAsync(new Message.Echo($"{i}"));
                Assert.Equal(new Message.Echo($"{i}"), await client.ReadAsync()); // there is no Ping before this answer
                time.Advance(75 * Second);
            }

            await client.SendAsync(new Message.Ping());
            Assert.IsType<Message.Pong>(await client.ReadAsync());
            await server.NotedAsync(time);
            time.Advance(16 * Second);
            Assert.IsType<Message.Ping>(await client.ReadAsync()); // from now on the connection has a heartbeat
            time.Advance(75 * Second);
            await client.ReadToEndAsync();
            Assert.Equal(CloseReason.Dead, (await server.FirstClosedAsync()).Reason);
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_handler_that_takes_too_long_is_answered_with_an_error()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var entered = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(time: time, map: app => app.MapCommand("STUCK", async (_, _) =>
        {
            entered.SetResult();
            await new TaskCompletionSource().Task;
            return null;
        }));
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint, now: time.GetUtcNow());
        await client.SendAsync(new Message.Custom("STUCK", default), new Message.Echo("after"));
        await entered.Task;
        time.Advance(31 * Second);
        Message? answer;
        while ((answer = await client.ReadAsync()) is Message.Ping)
        {
        }

        Assert.Equal(Message.Custom.Error("Command STUCK took too long"), answer);
        Assert.Equal(new Message.Echo("after"), await client.ReadAsync());
    }

    [Fact]
    public async Task A_handler_that_heeds_its_cancellation_is_answered_with_the_same_error()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var entered = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(new() { ["HeartbeatInterval"] = "01:00:00" }, time: time, map: app =>
            app.MapCommand("HEEDS", async (_, cancellationToken) =>
            {
                cancellationToken.Register(() => throw new InvalidOperationException("a callback of the handler"));
                entered.SetResult();
                await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
                return null;
            }));
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint, now: time.GetUtcNow());
        await client.SendAsync(new Message.Custom("HEEDS", default));
        await entered.Task;
        time.Advance(32 * Second);
        Assert.Equal(Message.Custom.Error("Command HEEDS took too long"), await client.ReadAsync());
    }

    [Fact]
    public async Task A_handler_that_never_ends_does_not_outlive_the_deadline_of_a_stop()
    {
        var entered = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(new() { ["ShutdownTimeout"] = "00:00:00.2" }, app =>
            app.MapCommand("STUCK", async (_, _) =>
            {
                entered.SetResult();
                await new TaskCompletionSource().Task;
                return null;
            }));
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await client.SendAsync(new Message.Custom("STUCK", default));
        await entered.Task;
        await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(15));
        Assert.Equal(CloseReason.Draining, (await server.FirstClosedAsync()).Reason);
    }

    [Fact]
    public async Task A_client_that_never_reads_is_a_slow_reader()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.StartAsync(time: time);
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint, now: time.GetUtcNow());
        var megabyte = client.Encode(new Message.Echo(new string('x', 1024 * 1024)));
        var sending = Task.Run(async () =>
        {
            try
            {
                await client.SendAsync(megabyte);
                for (var i = 0; i < 100; i++)
                {
                    await client.SendAsync(new Message.Echo(new string('x', 1024 * 1024)));
                }
            }
            catch (System.Net.Sockets.SocketException)
            {
                // the connection ended as expected
            }
        });
        while (server.Registry.Open.All(connection => connection.Activity.FlushStarted == 0))
        {
            await Task.Yield();
        }

        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(CloseReason.SlowReader, (await server.FirstClosedAsync()).Reason);
        await sending;
    }

    [Theory]
    [InlineData(100, 31)]
    [InlineData(1024 * 1024, 47)]
    [InlineData(16 * 1024 * 1024, 287)]
    public async Task A_packet_that_has_begun_has_30_s_and_one_more_for_each_64_KiB_however_it_trickles_in(int length, int seconds)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.StartAsync(new() { ["HeartbeatInterval"] = "01:00:00" }, time: time);
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint, now: time.GetUtcNow());
        await client.SendAsync(new Message.Echo("before"));
        var packet = WireClient.Packet(new byte[length]);
        await client.SendAsync(packet.AsMemory(..20));
        Assert.Equal(new Message.Echo("before"), await client.ReadAsync());
        var sent = 20;
        for (var passed = 0; passed < seconds - 2; passed++)
        {
            await client.SendAsync(packet.AsMemory(sent++, 1));
            while (server.Registry.Open.Single() is var open && (open.Activity.PacketStarted == 0 || open.Activity.PingDue))
            {
                await Task.Yield();
            }

            time.Advance(Second);
            Assert.Equal(1, server.Registry.Count);
        }

        time.Advance(3 * Second);
        await client.ReadToEndAsync();
        Assert.Equal(CloseReason.SlowSender, (await server.FirstClosedAsync()).Reason);
    }

    [Fact]
    public async Task Each_packet_has_its_own_time()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.StartAsync(time: time);
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint, now: time.GetUtcNow());
        var rest = client.Encode(new Message.Echo("0"));
        await client.SendAsync(rest.AsMemory(..10));
        for (var i = 1; i < 8; i++)
        {
            while (server.Registry.Open.Single().Activity.PacketStarted == 0)
            {
                await Task.Yield();
            }

            time.Advance(20 * Second);
            var next = client.Encode(new Message.Echo($"{i}"));
            await client.SendAsync((byte[])[.. rest.AsSpan(10), .. next.AsSpan(..10)]);
            rest = next;
            Message? answer;
            while ((answer = await client.ReadAsync()) is Message.Ping)
            {
            }

            Assert.Equal(new Message.Echo($"{i - 1}"), answer);
        }
    }

    private static async Task OpenAsync(TestServer server)
    {
        while (server.Registry.Count == 0)
        {
            await Task.Yield();
        }
    }
}
