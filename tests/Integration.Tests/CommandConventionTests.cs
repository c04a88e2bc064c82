using System.Buffers;
using System.Net.Sockets;
using Integration.Tests.Operations;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Messages;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using static Integration.Tests.CommandSteps;

namespace Integration.Tests;

/// <summary>What a mapped command and its group can require of a client and of its handler: identities, filters and limits.</summary>
public sealed class CommandConventionTests
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
        await AssertAnswerAsync(
            client, Custom("ORDER.ADD", ""),
            "ERROR Command ORDER.ADD needs a client with a name: a certificate with one, or a Unix socket");
        await AssertAnswerAsync(
            client, Custom("NAMED", ""), "ERROR Command NAMED needs a client with a name: a certificate with one, or a Unix socket");
        await AssertAnswerAsync(client, Custom("CERTIFIED", ""), "ERROR Command CERTIFIED needs a client certificate");
        await AssertAnswerAsync(client, Custom("SMALL", "abc"), "SMALL 3");
        await AssertAnswerAsync(client, Custom("SMALL", "abcd"), "ERROR Command SMALL takes at most 3 bytes; this payload has 4");
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
                app.MapCommand("MINE", (ClientIdentity who) => who.ToString())
                    .RequireIdentity("cn:shop", user);
                app.MapCommand("THEIRS", () => "never").RequireIdentity("cn:shop");
            });
            await using var client = await WireClient.ConnectAsync(new UnixDomainSocketEndPoint(path));
            await AssertAnswerAsync(client, Custom("MINE", ""), $"MINE {user}");
            await AssertAnswerAsync(client, Custom("THEIRS", ""), $"ERROR Command THEIRS is not allowed for {user}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
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
        await using var client = await WireClient.ConnectAsync(new UnixDomainSocketEndPoint(path));
        await AssertAnswerAsync(client, Custom("G.READ", ""), "G.READ read");
        await AssertAnswerAsync(client, Custom("G.DELETE", ""), $"ERROR Command G.DELETE is not allowed for uid:{Me}");
        await AssertAnswerAsync(client, Custom("G.OUTSIDE", ""), "G.OUTSIDE outside");
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
        await AssertAnswerAsync(client, Custom("EDGE.GET", ""), "EDGE.GET outer(1:group+command)");
        await AssertAnswerAsync(client, Custom("EDGE.STOP", ""), "EDGE.STOP outer(2:group)"); // one filter for the whole group
        await AssertAnswerAsync(client, Custom("EDGE.BORROW", "abc"), "EDGE.BORROW outer(3:abc)");
        await AssertAnswerAsync(client, Custom("FAIL", ""), "ERROR Command FAIL failed");
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

    private static string Me =>
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];

    private sealed record Order(int Count);

    private sealed class Stamp : ICommandFilter
    {
        private int _count;

        public async ValueTask<Message?> InvokeAsync(CommandContext context, CommandHandler next, CancellationToken cancellationToken)
        {
            var count = Interlocked.Increment(ref _count);
            return context.Reply($"{count}:{Text(await next(context, cancellationToken))}");
        }
    }
}
