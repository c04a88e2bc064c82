using Integration.Tests.Operations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Messages;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Connections;
using static Integration.Tests.CommandSteps;

namespace Integration.Tests;

/// <summary>A handler that blocks, throws or goes on after its time harms its own request or its own connection alone.</summary>
public sealed class HandlerRunTests
{
    [Fact]
    public async Task Answers_do_not_wait_for_a_handler_that_blocks_or_waits_even_if_it_was_quick_before()
    {
        var (time, blocks, release) = (new FakeTimeProvider(TimeProvider.System.GetUtcNow()), false, new TaskCompletionSource());
        await using var server = await TestServer.StartAsync(time: time, map: app =>
        {
            app.MapCommand("FIRST", (string text) =>
            {
                release.Task.Wait();
                return text;
            });
            app.MapCommand("SOMETIMES", (string text) =>
            {
                if (Volatile.Read(ref blocks))
                {
                    release.Task.Wait();
                }

                return text;
            });
        });
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint, now: time.GetUtcNow());
        await using var other = await WireClient.ConnectSecureAsync(server.EndPoint, now: time.GetUtcNow());
        await client.SendAsync(new Message.Echo("before"), Custom("FIRST", ""));
        Assert.Equal(new Message.Echo("before"), await client.ReadAsync());
        await other.SendAsync(Custom("SOMETIMES", "1"), Custom("SOMETIMES", "2"));
        Assert.Equal("1", Text(await other.ReadAsync()));
        Assert.Equal("2", Text(await other.ReadAsync()));
        Volatile.Write(ref blocks, true);
        await other.SendAsync(new Message.Echo("before"), Custom("SOMETIMES", "3"));
        await Eventually.Async(
            () => Task.FromResult(server.Registry.Open.Count(connection => connection.CommandInFlight is not null) == 2),
            () => "no command runs");
        time.Advance(TimeSpan.FromSeconds(1)); // the server waited for a quick handler, and now the sweeper sends the answers
        Assert.Equal(new Message.Echo("before"), await other.ReadAsync());
        release.SetResult();
        Assert.Equal("3", Text(await other.ReadAsync()));
        Assert.Equal("", Text(await client.ReadAsync()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handler_that_ignores_its_time_holds_up_its_own_connection_alone(bool blocks)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var (running, most, ran, go) = (0, 0, 0, new TaskCompletionSource());
        await using var server = await TestServer.StartAsync(time: time, map: app =>
        {
            app.MapCommand("HOLD", async () =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                Interlocked.Increment(ref ran);
                if (blocks)
                {
                    go.Task.Wait();
                }

                await go.Task;
                Interlocked.Decrement(ref running);
                return "held";
            });
            app.MapCommand("QUICK", () => "quick");
        });
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint, now: time.GetUtcNow());
        await using var other = await WireClient.ConnectSecureAsync(server.EndPoint, now: time.GetUtcNow());
        await client.SendAsync(Custom("HOLD", ""), Custom("HOLD", ""), new Message.Echo("after"));
        await Eventually.Async(() => Task.FromResult(Volatile.Read(ref ran) == 1), () => "the handler does not run");
        time.Advance(new ServerOptions().RequestTimeout + TimeSpan.FromSeconds(2));
        Assert.Equal("Command HOLD took too long", Text(await ReadAnswerAsync(client)));
        await Eventually.Async(
            () => Task.FromResult(server.Registry.Open.Any(connection => connection.CommandInFlight == "HOLD")),
            () => "the second command does not wait");
        await other.SendAsync(Custom("QUICK", ""));
        Assert.Equal("quick", Text(await ReadAnswerAsync(other)));
        time.Advance(new ServerOptions().RequestTimeout + TimeSpan.FromSeconds(2));
        Assert.Equal("Command HOLD was not run: the command before it has not ended yet", Text(await ReadAnswerAsync(client)));
        Assert.Equal(new Message.Echo("after"), await ReadAnswerAsync(client));
        go.SetResult();
        await client.SendAsync(Custom("HOLD", ""));
        Assert.Equal("held", Text(await ReadAnswerAsync(client)));
        Assert.Equal((1, 2), (most, ran));
    }

    [Fact]
    public async Task A_handler_that_goes_on_after_its_time_keeps_its_own_request()
    {
        var (time, go, seen) = (new FakeTimeProvider(TimeProvider.System.GetUtcNow()),
            new TaskCompletionSource(), new TaskCompletionSource<string>());
        await using var server = await TestServer.StartAsync(time: time, map: app => app.MapCommand("KEEP", async (context, _) =>
        {
            if (context.Text == "one")
            {
                await go.Task;
                seen.SetResult($"{context.Command} {context.Text}");
            }

            return context.Reply(context.Text);
        }));
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint, now: time.GetUtcNow());
        await client.SendAsync(Custom("KEEP", "one"));
        await Eventually.Async(
            () => Task.FromResult(server.Registry.Open.Single().CommandInFlight == "KEEP"), () => "the command does not run");
        time.Advance(new ServerOptions().RequestTimeout + TimeSpan.FromSeconds(2));
        Assert.Equal("Command KEEP took too long", Text(await client.ReadAsync()));
        await client.SendAsync(Custom("KEEP", "two"));
        go.SetResult();
        Assert.Equal("KEEP one", await seen.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal("two", Text(await client.ReadAsync()));
    }

    [Theory]
    [InlineData("close")]
    [InlineData("disconnect")]
    [InlineData("stop")]
    public async Task A_connection_ends_while_its_handler_blocks(string how)
    {
        var (ran, returned, go) = (0, 0, new TaskCompletionSource());
        var settings = new Dictionary<string, string?>
        {
            ["ShutdownTimeout"] = "00:00:01",
            ["HeartbeatInterval"] = "00:00:01", // at each the server looks whether the client is gone
        };
        await using var server = await TestServer.StartAsync(settings, app => app.MapCommand("HOLD", () =>
        {
            Interlocked.Increment(ref ran);
            go.Task.Wait();
            Interlocked.Increment(ref returned);
            return "held";
        }));
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await client.SendAsync([.. Enumerable.Repeat(Custom("HOLD", ""), 100)]);
        await Eventually.Async(() => Task.FromResult(Volatile.Read(ref ran) == 1), () => "the handler does not run");
        var connection = server.Registry.Open.Single();
        switch (how)
        {
            case "close":
                await client.DisposeAsync();
                break;
            case "disconnect":
                connection.Abort(CloseReason.DisconnectedByOperator);
                break;
            default:
                await server.StopAsync();
                break;
        }

        await server.FirstClosedAsync();
        go.SetResult();
        await Eventually.Async(() => Task.FromResult(Volatile.Read(ref returned) == 1), () => "the handler has not returned");
        await Task.Run(() => { }); // the work that was queued on the pool before is done
        Assert.Equal(1, ran);
    }

    [Fact]
    public async Task Whatever_a_handler_throws_fails_its_request_alone()
    {
        await using var server = await TestServer.StartAsync(map: app =>
        {
            app.MapCommand("SILENT", string () => throw new NoMessage(null));
            app.MapCommand("WILD", string () => throw new NoMessage(() => throw new InvalidOperationException("again")));
            app.MapCommand("LATER", async Task<string> () =>
            {
                await Task.Yield();
                throw new NoMessage(() => throw new InvalidOperationException("again"));
            });
            app.MapCommand("NAMELESS", (_, _) => new(new Message.Custom(null!, default)));
            app.MapCommand("SCOPE", (Throwing service) => service.ToString()!);
            app.MapCommand<Disposed>("CLASS");
        }, services: services => services.AddScoped<Throwing>());
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        foreach (var command in (string[])["SILENT", "WILD", "LATER", "NAMELESS", "SCOPE", "SILENT"])
        {
            await AssertAnswerAsync(client, Custom(command, ""), $"ERROR Command {command} failed");
        }

        await AssertAnswerAsync(client, Custom("CLASS", ""), "CLASS 0");
        await AssertAnswerAsync(client, Custom("CLASS", ""), "CLASS 1");
    }

    [Fact]
    public async Task A_handler_sees_nothing_of_the_ambient_values_of_another()
    {
        var ambient = new AsyncLocal<string?>();
        await using var server = await TestServer.StartAsync(map: app =>
        {
            app.MapCommand("SET", (string text) =>
            {
                ambient.Value = text;
                return "set";
            });
            app.MapCommand("GET", () => ambient.Value ?? "nothing");
        });
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await client.SendAsync([.. Enumerable.Range(0, 100).SelectMany(i => (Message[])[Custom("SET", $"{i}"), Custom("GET", "")])]);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal("set", Text(await client.ReadAsync()));
            Assert.Equal("nothing", Text(await client.ReadAsync()));
        }
    }

    private sealed class NoMessage(Func<string>? message) : Exception
    {
        public override string Message => message?.Invoke()!;
    }

    private sealed class Throwing : IDisposable
    {
        public void Dispose() => throw new InvalidOperationException("a scope that does not end");
    }

    private sealed class Disposed : ICommandHandler, IDisposable
    {
        private static int _disposals;

        public ValueTask<Message?> HandleAsync(CommandContext context, CancellationToken cancellationToken) =>
            new(context.Reply($"{_disposals}"));

        public void Dispose() => _disposals++;
    }
}
