using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Messages;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Memory;

namespace Integration.Tests;

/// <summary>Payloads of commands in the budget of <see cref="ServerOptions.MaxBufferedBytes"/>.</summary>
public sealed class RequestMemoryTests : IDisposable
{
    private const int Megabyte = 1024 * 1024;

    private const int Budget = 16 * Megabyte;

    /// <summary>One payload of this size fits into the half for commands, two do not.</summary>
    private static readonly byte[] Large = new byte[5 * Megabyte];

    private readonly TaskCompletionSource _release = new();
    private readonly SemaphoreSlim _begun = new(0);

    [Fact]
    public async Task An_idle_connection_holds_neither_its_last_request_nor_the_answer()
    {
        var (request, answer) = (new WeakReference(null), new WeakReference(null));
        await using var server = await TestServer.StartAsync(map: app => app.MapCommand("LARGE", (context, _) =>
        {
            MemoryMarshal.TryGetArray(context.Payload, out var segment);
            request.Target = segment.Array;
            var bytes = new byte[Megabyte];
            answer.Target = bytes;
            return new ValueTask<Message?>(new Message.Custom("OK", bytes));
        }));
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await AskAsync(client);
        await Operations.Eventually.Async(() =>
        {
            GC.Collect();
            return Task.FromResult(!request.IsAlive && !answer.IsAlive);
        }, () => $"request held: {request.IsAlive}, answer held: {answer.IsAlive}");
        Assert.Equal(1, server.Registry.Count);
    }

    [Fact]
    public async Task Commands_that_run_leave_half_of_the_budget_to_others_and_one_too_many_is_answered()
    {
        await using var server = await StartAsync();
        await using var first = await RunSlowAsync(server);
        await using var second = await WireClient.ConnectSecureAsync(server.EndPoint);
        await second.SendAsync(new Message.Custom("SLOW", Large));
        Assert.StartsWith("The server runs too many large requests", ErrorOf(await second.ReadAsync()), StringComparison.Ordinal);
        var echo = new Message.Echo(new string('x', Megabyte));
        var sending = second.SendAsync(echo);
        Assert.Equal(echo, await second.ReadAsync());
        await sending;
        _release.SetResult();
        Assert.Equal("DONE", Assert.IsType<Message.Custom>(await first.ReadAsync()).Command);
        await second.SendAsync(new Message.Custom("SLOW", Large));
        Assert.Equal("DONE", Assert.IsType<Message.Custom>(await second.ReadAsync()).Command);
    }

    [Theory]
    [InlineData("its time is over")]
    [InlineData("its connection is lost")]
    public async Task A_handler_that_goes_on_is_charged_until_it_ends_although(string reason)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await StartAsync(time);
        var stray = await RunSlowAsync(server, time);
        if (reason == "its time is over")
        {
            time.Advance(TimeSpan.FromSeconds(32));
            Assert.Equal("Command SLOW took too long", ErrorOf(await stray.ReadAsync()));
            await stray.SendAsync(new Message.Echo("small"));
            Assert.IsType<Message.Echo>(await stray.ReadAsync());
        }
        else
        {
            stray.Socket.LingerState = new(true, 0);
            await stray.DisposeAsync();
            await Operations.Eventually.Async(() =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(server.Registry.Count == 0);
            });
        }

        await using var other = await WireClient.ConnectSecureAsync(server.EndPoint, now: time.GetUtcNow());
        await other.SendAsync(new Message.Custom("SLOW", Large));
        Assert.StartsWith("The server runs too many large requests", ErrorOf(await other.ReadAsync()), StringComparison.Ordinal);
        _release.SetResult();
        await Operations.Eventually.Async(async () =>
        {
            await other.SendAsync(new Message.Custom("SLOW", Large));
            return Assert.IsType<Message.Custom>(await other.ReadAsync()).Command == "DONE";
        });
        await stray.DisposeAsync();
    }

    [Fact]
    public async Task Nobody_is_ended_for_a_newcomer_that_finds_no_room_even_then()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await StartAsync(time);
        await using var running = await RunSlowAsync(server, time);
        await using var slow = await WireClient.ConnectSecureAsync(server.EndPoint, now: time.GetUtcNow());
        await slow.SendAsync(WireClient.Packet(new byte[4 * Megabyte]).AsMemory(..(2 * Megabyte)));
        await Operations.Eventually.Async(
            () => Task.FromResult(server.Registry.Open.Any(connection => connection.Activity.PacketStarted != 0)));
        time.Advance(TimeSpan.FromSeconds(5));
        var budget = server.Services.GetRequiredService<BufferBudget>();
        await using var newcomer = await WireClient.ConnectSecureAsync(server.EndPoint, now: time.GetUtcNow());
        using var share = new BufferShare(budget, server.Registry.Open.Single(connection => connection.Id == 3));
        Assert.False(share.TryHold(BufferUse.Packet, 12 * Megabyte));
        Assert.Equal(3, server.Registry.Count);
        Assert.All(server.Registry.Open, connection => Assert.False(connection.Aborted));
        Assert.True(share.TryHold(BufferUse.Packet, 10 * Megabyte)); // the slow connection gives up its memory for this
        _release.SetResult();
    }

    public void Dispose() => _begun.Dispose();

    private async Task<TestServer> StartAsync(TimeProvider? time = null) => await TestServer.StartAsync(
        new() { ["MaxBufferedBytes"] = $"{Budget}", ["HeartbeatInterval"] = "01:00:00" },
        app => app.MapCommand("SLOW", async (_, _) =>
        {
            _begun.Release();
            await _release.Task;
            return new Message.Custom("DONE", default);
        }),
        time);

    private async Task<WireClient> RunSlowAsync(TestServer server, TimeProvider? time = null)
    {
        var client = await WireClient.ConnectSecureAsync(server.EndPoint, now: (time ?? TimeProvider.System).GetUtcNow());
        await client.SendAsync(new Message.Custom("SLOW", Large));
        await _begun.WaitAsync();
        return client;
    }

    private static string ErrorOf(Message? message) =>
        message is Message.Custom { Command: "ERROR" } error ? System.Text.Encoding.UTF8.GetString(error.Payload.Span) : $"{message}";

    // A separate method, so that the test's stack keeps no reference.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task AskAsync(WireClient client)
    {
        await client.SendAsync(new Message.Custom("LARGE", Large));
        Assert.Equal("OK", Assert.IsType<Message.Custom>(await client.ReadAsync()).Command);
    }
}
