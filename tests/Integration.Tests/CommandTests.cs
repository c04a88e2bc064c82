using System.Buffers;
using System.Text;
using System.Text.Json.Serialization;
using Integration.Tests.Operations;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Messages;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Diagnostics;

namespace Integration.Tests;

/// <summary>The requirements that a mapped command can have, and the parameters and results of its handler.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task A_client_that_may_not_ask_gets_the_reason_and_no_handler_runs()
    {
        var ran = 0;
        await using var server = await TestServer.StartAsync(map: app =>
        {
            var orders = app.MapCommandGroup("ORDER.").RequireIdentity("cn:shop");
            orders.MapCommand("ADD", () => ran++);
            app.MapCommand("NAMED", () => ran++).RequireIdentity();
            app.MapCommand("CERTIFIED", () => ran++).RequireCertificate();
            app.MapCommand("SMALL", (ReadOnlyMemory<byte> payload) => payload.Length).WithMaxPayload(3);
        });
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await AssertAsync(
            client, Custom("ORDER.ADD", ""),
            "ERROR Command ORDER.ADD needs a client with a name: a certificate with one, or a Unix socket");
        await AssertAsync(
            client, Custom("NAMED", ""), "ERROR Command NAMED needs a client with a name: a certificate with one, or a Unix socket");
        await AssertAsync(client, Custom("CERTIFIED", ""), "ERROR Command CERTIFIED needs a client certificate");
        await AssertAsync(client, Custom("SMALL", "abc"), "SMALL 3");
        await AssertAsync(client, Custom("SMALL", "abcd"), "ERROR Command SMALL takes at most 3 bytes; this payload has 4");
        Assert.Equal(0, ran);
        Assert.Equal(
            ["command_refused", "command_refused", "command_refused", "bad_payload"],
            server.Services.GetRequiredService<ErrorLog>().Recent.Select(error => error.Kind));
    }

    [Fact]
    public async Task A_client_whose_name_is_not_on_the_list_is_refused()
    {
        var folder = Directory.CreateTempSubdirectory("npro");
        try
        {
            var path = Path.Combine(folder.FullName, "local.sock");
            var user = $"uid:{Me}";
            await using var server = await TestServer.StartAsync(new() { ["LocalSocket"] = path }, app =>
            {
                app.MapCommand("MINE", (NetworkProtocol.Server.Connections.ClientIdentity who) => who.ToString())
                    .RequireIdentity("cn:shop", user);
                app.MapCommand("THEIRS", () => "never").RequireIdentity("cn:shop");
            });
            await using var client = await WireClient.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
            await AssertAsync(client, Custom("MINE", ""), $"MINE {user}");
            await AssertAsync(client, Custom("THEIRS", ""), $"ERROR Command THEIRS is not allowed for {user}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Filters_run_in_order_see_the_answer_and_may_answer_themselves()
    {
        await using var server = await TestServer.StartAsync(map: app =>
        {
            var all = app.MapCommandGroup("").AddFilter(async (context, next, cancellationToken) =>
                context.Reply($"outer({Text(await next(context, cancellationToken))})"));
            var edge = all.MapCommandGroup("EDGE.").AddFilter<Stamp>().WithMetadata("group");
            edge.MapCommand("GET", (context, _) => new(context.Reply(string.Join('+', context.Metadata)))).WithMetadata("command");
            edge.MapCommand("STOP", () => "never").AddFilter((context, _, _) => new(context.Reply(context.GetMetadata<string>()!)));
            edge.MapCommand("BORROW", (context, payload, answer) =>
            {
                answer.Write(payload);
                return true;
            });
            app.MapCommand("FAIL", () => "never").AddFilter((_, _, _) => throw new InvalidOperationException("a secret"));
        });
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await AssertAsync(client, Custom("EDGE.GET", ""), "EDGE.GET outer(1:group+command)");
        await AssertAsync(client, Custom("EDGE.STOP", ""), "EDGE.STOP outer(2:group)"); // one filter for the whole group
        await AssertAsync(client, Custom("EDGE.BORROW", "abc"), "EDGE.BORROW outer(3:abc)");
        await AssertAsync(client, Custom("FAIL", ""), "ERROR Command FAIL failed");
    }

    [Fact]
    public async Task Payloads_are_read_and_written_as_JSON_with_a_generated_context_too()
    {
        await using var server = await TestServer.StartAsync(
            map: app =>
            {
                app.MapCommand("PRICE", (Order order, TimeProvider time, CancellationToken _) => new Price(order.Count * 2.5m));
                app.MapCommand("LATER", async (Order order) =>
                {
                    await Task.Yield();
                    return order with { Count = order.Count + 1 };
                });
                app.MapCommand("NOTHING", (Order? order) => (Price?)null);
                app.MapCommand("BYTES", (Order order) => new byte[] { 65, 66 });
            },
            services: services => services.ConfigureCommandJson(json => json.TypeInfoResolverChain.Insert(0, OrderContext.Default)));
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        const string Good = """{"name":"screws","count":4}""";
        await AssertAsync(client, Custom("PRICE", Good), """PRICE {"total":10.0}""");
        await AssertAsync(client, Custom("LATER", Good), """LATER {"name":"screws","count":5}""");
        await AssertAsync(client, Custom("BYTES", Good), "BYTES AB");
        await client.SendAsync(Custom("NOTHING", Good), new Message.Ping());
        Assert.IsType<Message.Pong>(await client.ReadAsync());
        foreach (var bad in (string[])["", "{", "null", "[]", """{"name":"screws","count":"four"}""", "\u0001", new string('[', 100)])
        {
            await client.SendAsync(Custom("PRICE", bad));
            var error = Text(await client.ReadAsync());
            Assert.StartsWith("Command PRICE: The payload is n", error, StringComparison.Ordinal);
            Assert.DoesNotContain(nameof(Order), error, StringComparison.Ordinal);
        }

        await AssertAsync(
            client, Custom("PRICE", """{"name":"screws","count":"four"}"""),
            "ERROR Command PRICE: The payload is not the JSON that the command takes: see $.count, line 1, byte 32");
    }

    [Fact]
    public async Task Another_serializer_takes_the_place_of_JSON()
    {
        await using var server = await TestServer.StartAsync(
            map: app => app.MapCommand("ADD", (Order order) => order with { Count = order.Count + 1 }),
            services: services => services.AddSingleton<IPayloadSerializer, Lines>());
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await AssertAsync(client, Custom("ADD", "screws 4"), "ADD screws 5");
        await AssertAsync(client, Custom("ADD", "screws"), "ERROR Command ADD: name and count are missing");
    }

    [Fact]
    public async Task A_command_has_a_time_limit_of_its_own()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.StartAsync(time: time, map: app =>
            app.MapCommand("HOLD", async (CancellationToken cancellationToken) => await Task.Delay(Timeout.Infinite, cancellationToken))
                .WithTimeout(TimeSpan.FromMilliseconds(50)));
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint, now: time.GetUtcNow());
        await client.SendAsync(Custom("HOLD", ""));
        await Eventually.Async(
            () => Task.FromResult(server.Registry.Open.Single().CommandInFlight == "HOLD"), () => "the command does not run");
        time.Advance(TimeSpan.FromMilliseconds(100)); // far below RequestTimeout
        Assert.Equal("Command HOLD took too long", Text(await client.ReadAsync()));
    }

    [Fact]
    public async Task No_more_handlers_run_at_once_than_a_command_allows()
    {
        var (running, most, gate) = (0, 0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var server = await TestServer.StartAsync(map: app => app.MapCommand("WORK", async () =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await gate.Task;
            Interlocked.Decrement(ref running);
            return "done";
        }).WithConcurrency(2));
        var clients = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => WireClient.ConnectSecureAsync(server.EndPoint)));
        await Task.WhenAll(clients.Select(client => client.SendAsync(Custom("WORK", ""))));
        await Eventually.Async(
            () => Task.FromResult(
                Volatile.Read(ref running) == 2 && server.Registry.Open.Count(connection => connection.CommandInFlight == "WORK") == 6),
            () => $"{running} run");
        gate.SetResult();
        foreach (var client in clients)
        {
            Assert.Equal("done", Text(await client.ReadAsync()));
            await client.DisposeAsync();
        }

        Assert.Equal(2, most);
    }

    [Fact]
    public async Task What_cannot_be_mapped_is_said_when_it_is_mapped()
    {
        WebApplication? mapped = null;
        CommandBuilder? early = null;
        await using var server = await TestServer.StartAsync(map: app =>
        {
            mapped = app;
            early = app.MapCommand("EARLY", () => "early");
            var group = app.MapCommandGroup(new string('X', 60));
            Assert.Contains(
                "1 to 64 characters", Assert.Throws<ArgumentException>(() => group.MapCommand("12345", () => "")).Message,
                StringComparison.Ordinal);
            Assert.Contains(
                "mapped already", Assert.Throws<ArgumentException>(() => app.MapCommand("EARLY", () => "")).Message,
                StringComparison.Ordinal);
            Assert.Throws<ArgumentException>(() => app.MapCommand("ERROR", () => ""));
            Assert.Throws<ArgumentException>(() => app.MapCommand("", () => ""));
            Assert.Contains(
                "'Order one', 'Order two'", Assert.Throws<ArgumentException>(
                    () => app.MapCommand("TWO", (Order one, Order two) => "")).Message, StringComparison.Ordinal);
            Assert.Contains(
                "'IAsyncResult unknown'", Assert.Throws<ArgumentException>(
                    () => app.MapCommand("SERVICE", (IAsyncResult unknown) => "")).Message, StringComparison.Ordinal);
            Assert.Throws<ArgumentException>(() => early.RequireIdentity("shop"));
            Assert.Throws<ArgumentOutOfRangeException>(() => early.WithTimeout(TimeSpan.Zero));
            Assert.Throws<ArgumentOutOfRangeException>(() => early.WithTimeout(TimeSpan.FromDays(2)));
            Assert.Throws<ArgumentOutOfRangeException>(() => early.WithMaxPayload(-1));
            Assert.Throws<ArgumentOutOfRangeException>(() => early.WithConcurrency(0));
        });
        Assert.Throws<InvalidOperationException>(() => mapped!.MapCommand("LATE", () => ""));
        Assert.Throws<InvalidOperationException>(() => early!.RequireIdentity());
    }

    [Fact]
    public async Task A_borrowed_payload_is_answered_whatever_its_size_and_an_answer_may_be_missing()
    {
        await using var server = await TestServer.StartAsync(map: app =>
        {
            app.MapCommand("BORROW", (context, payload, answer) =>
            {
                Assert.True(context.Payload.Span.SequenceEqual(payload));
                answer.Write(payload);
                return payload.Length != 1;
            });
            app.MapCommand("HUGE", (_, _, answer) =>
            {
                while (true)
                {
                    answer.Write(new byte[1024 * 1024]);
                }
            });
        });
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        foreach (var length in (int[])[0, 2, 255, 256, 257, 70_000, 1_000_000])
        {
            var text = new string('x', length);
            await AssertAsync(client, Custom("BORROW", text), $"BORROW {text}");
        }

        await client.SendAsync(Custom("BORROW", "x"), new Message.Ping());
        Assert.IsType<Message.Pong>(await client.ReadAsync());
        await AssertAsync(client, Custom("HUGE", ""), "ERROR Command HUGE failed");
    }

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

    [Theory]
    [InlineData("close")]
    [InlineData("disconnect")]
    [InlineData("stop")]
    public async Task A_connection_ends_while_its_handler_blocks(string how)
    {
        var (ran, returned, go) = (0, 0, new TaskCompletionSource());
        await using var server = await TestServer.StartAsync(new() { ["ShutdownTimeout"] = "00:00:01" }, app => app.MapCommand("HOLD", () =>
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
                connection.Abort(NetworkProtocol.Server.Connections.CloseReason.DisconnectedByOperator);
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
            await AssertAsync(client, Custom(command, ""), $"ERROR Command {command} failed");
        }

        await AssertAsync(client, Custom("CLASS", ""), "CLASS 0");
        await AssertAsync(client, Custom("CLASS", ""), "CLASS 1");
    }

    [Fact]
    public async Task What_a_group_requires_is_required_besides()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("npro").FullName, "local.sock");
        await using var server = await TestServer.StartAsync(new() { ["LocalSocket"] = path }, app =>
        {
            var group = app.MapCommandGroup("G.").RequireIdentity($"uid:{Me}", "cn:admin");
            group.MapCommand("READ", () => "read");
            group.MapCommand("DELETE", () => "never").RequireIdentity("cn:admin");
            app.MapCommand("G.OUTSIDE", () => "outside"); // the prefix alone does not put the command into the group
        });
        await using var client = await WireClient.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
        await AssertAsync(client, Custom("G.READ", ""), "G.READ read");
        await AssertAsync(client, Custom("G.DELETE", ""), $"ERROR Command G.DELETE is not allowed for uid:{Me}");
        await AssertAsync(client, Custom("G.OUTSIDE", ""), "G.OUTSIDE outside");
    }

    [Fact]
    public async Task Functions_of_every_form_are_given_what_they_ask_for()
    {
        await using var server = await TestServer.StartAsync(map: app =>
        {
            app.MapCommand("LIST", (IEnumerable<int> numbers) => numbers.Sum());
            app.MapCommand("BYTES", (byte[] bytes) => bytes.AsMemory(1));
            app.MapCommand("EXTENSION", "prefix ".Join);
            app.MapCommand("TASK", Task<string> (string text) => new Derived(text));
            app.MapCommand("GROUP", Method);
        });
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await AssertAsync(client, Custom("LIST", "[1,2,3]"), "LIST 6");
        await AssertAsync(client, Custom("BYTES", "abc"), "BYTES bc");
        await AssertAsync(client, Custom("EXTENSION", "abc"), "EXTENSION prefix abc");
        await AssertAsync(client, Custom("TASK", "abc"), "TASK abc");
        await AssertAsync(client, Custom("GROUP", "abc"), "GROUP 3");
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

    // Skips the Pings that the server sends when time has passed.
    private static async Task<Message?> ReadAnswerAsync(WireClient client)
    {
        while (true)
        {
            if (await client.ReadAsync() is var message and not Message.Ping)
            {
                return message;
            }
        }
    }

    private static async Task AssertAsync(WireClient client, Message.Custom request, string expected)
    {
        await client.SendAsync(request);
        var answer = Assert.IsType<Message.Custom>(await client.ReadAsync());
        Assert.Equal(expected, $"{answer.Command} {Text(answer)}");
    }

    private static string Me =>
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];

    private static Message.Custom Custom(string command, string payload) => new(command, Encoding.UTF8.GetBytes(payload));

    private static string Text(Message? message) => Encoding.UTF8.GetString(Assert.IsType<Message.Custom>(message).Payload.Span);

    private static int Method(string text) => text.Length;

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

    private sealed class Derived : Task<string>
    {
        public Derived(string text)
            : base(() => text) => RunSynchronously();
    }

    internal sealed record Order(string Name, int Count);

    internal sealed record Price(decimal Total);

    private sealed class Stamp : ICommandFilter
    {
        private int _count;

        public async ValueTask<Message?> InvokeAsync(CommandContext context, CommandHandler next, CancellationToken cancellationToken)
        {
            var count = Interlocked.Increment(ref _count);
            return context.Reply($"{count}:{Text(await next(context, cancellationToken))}");
        }
    }

    private sealed class Lines : IPayloadSerializer
    {
        public T Read<T>(ReadOnlySpan<byte> payload) => Encoding.UTF8.GetString(payload).Split(' ') is [var name, var count]
            ? (T)(object)new Order(name, int.Parse(count, System.Globalization.CultureInfo.InvariantCulture))
            : throw new PayloadException("name and count are missing");

        public void Write<T>(IBufferWriter<byte> payload, T value) =>
            payload.Write(Encoding.UTF8.GetBytes(value is Order order ? $"{order.Name} {order.Count}" : ""));
    }
}

internal static class Prefixes
{
    public static string Join(this string prefix, string text) => prefix + text;
}

[JsonSerializable(typeof(CommandTests.Order))]
[JsonSerializable(typeof(CommandTests.Price))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class OrderContext : JsonSerializerContext;
