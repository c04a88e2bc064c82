using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Integration.Tests.Console;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Messages;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Commands;
using static Integration.Tests.CommandSteps;

namespace Integration.Tests;

/// <summary>Commands that answer together what a client has sent without waiting.</summary>
public sealed class BatchCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<int> _batches = new();

    private string Socket => Path.Combine(_folder.Path, "local.sock");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Requests_that_arrived_together_are_one_batch_and_each_has_its_answer_in_order()
    {
        await using var server = await StartAsync(app => app.MapBatchCommand("ADD", AddAsync));
        await using var client = await ConnectAsync();
        await client.SendAsync([.. Enumerable.Range(0, 300).Select(i => Custom("ADD", $"{i}"))]);
        for (var i = 0; i < 300; i++)
        {
            Assert.Equal($"{i + 1}", Text(await client.ReadAsync()));
        }

        Assert.Equal(300, _batches.Sum());
        Assert.Contains(_batches, count => count > 1);
    }

    [Fact]
    public async Task Another_message_between_them_keeps_its_place()
    {
        await using var server = await StartAsync(app =>
        {
            app.MapBatchCommand("ADD", AddAsync);
            app.MapCommand("UPPER", (string text) => text.ToUpperInvariant());
        });
        await using var client = await ConnectAsync();
        await client.SendAsync(
            Custom("ADD", "1"), Custom("ADD", "2"), new Message.Ping(), Custom("ADD", "3"), Custom("UPPER", "a"), Custom("ADD", "4"),
            Custom("NOBODY", ""), Custom("ADD", "5"));
        Assert.Equal("2", Text(await client.ReadAsync()));
        Assert.Equal("3", Text(await client.ReadAsync()));
        Assert.IsType<Message.Pong>(await client.ReadAsync());
        Assert.Equal("4", Text(await client.ReadAsync()));
        Assert.Equal("A", Text(await client.ReadAsync()));
        Assert.Equal("5", Text(await client.ReadAsync()));
        Assert.Contains("Unknown command", Text(await client.ReadAsync()), StringComparison.Ordinal);
        Assert.Equal("6", Text(await client.ReadAsync()));
    }

    [Fact]
    public async Task Every_request_of_a_batch_that_fails_gets_an_error()
    {
        await using var server = await StartAsync(app =>
        {
            app.MapBatchCommand("FAIL", (_, _, _) => throw new InvalidOperationException("secret"));
            app.MapBatchCommand("FEW", (context, _, _) => new([context.Reply("1")]));
        });
        await using var client = await ConnectAsync();
        await client.SendAsync(Custom("FAIL", "1"), Custom("FAIL", "2"), Custom("FAIL", "3"));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("Command FAIL failed", Text(await client.ReadAsync()));
        }

        await client.SendAsync(Custom("FEW", "1"), Custom("FEW", "2"), new Message.Ping());
        Assert.Equal("Command FEW failed", Text(await client.ReadAsync()));
        Assert.Equal("Command FEW failed", Text(await client.ReadAsync()));
        Assert.IsType<Message.Pong>(await client.ReadAsync());
    }

    [Fact]
    public async Task A_request_without_an_answer_gets_none()
    {
        await using var server = await StartAsync(app => app.MapBatchCommand(
            "ODD", (context, payloads, _) => new([.. payloads.Select((_, i) => i % 2 == 0 ? context.Reply($"{i}") : null)])));
        await using var client = await ConnectAsync();
        await client.SendAsync(Custom("ODD", ""), Custom("ODD", ""), Custom("ODD", ""), new Message.Ping());
        Assert.Equal("0", Text(await client.ReadAsync()));
        Assert.Equal("2", Text(await client.ReadAsync()));
        Assert.IsType<Message.Pong>(await client.ReadAsync());
    }

    [Fact]
    public async Task A_batch_that_takes_too_long_gets_an_error_for_each_request()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var began = new TaskCompletionSource<int>();
        await using var server = await StartAsync(
            app => app.MapBatchCommand("WAIT", async (_, payloads, cancellationToken) =>
            {
                began.TrySetResult(payloads.Count);
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return [];
            }),
            time);
        await using var client = await ConnectAsync();
        await client.SendAsync(Custom("WAIT", "1"), Custom("WAIT", "2"));
        Assert.Equal(2, await began.Task);
        var answer = ReadAnswerAsync(client);
        while (!answer.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal("Command WAIT took too long", Text(await answer));
        Assert.Equal("Command WAIT took too long", Text(await ReadAnswerAsync(client)));
    }

    [Fact]
    public async Task After_a_secure_handshake_and_behind_a_filter_each_request_is_a_batch_of_its_own()
    {
        await using var server = await StartAsync(app =>
        {
            app.MapBatchCommand("ADD", AddAsync);
            app.MapBatchCommand("FILTERED", AddAsync).AddFilter((context, next, cancellationToken) => next(context, cancellationToken));
        });
        await using var secure = await WireClient.ConnectSecureAsync(server.EndPoint);
        await using var local = await ConnectAsync();
        foreach (var (client, command) in new[] { (secure, "ADD"), (local, "FILTERED") })
        {
            await client.SendAsync(Custom(command, "1"), Custom(command, "2"), Custom(command, "3"));
            foreach (var expected in (string[])["2", "3", "4"])
            {
                Assert.Equal(expected, Text(await client.ReadAsync()));
            }
        }

        Assert.All(_batches, count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task A_batch_has_at_most_64_KiB_of_payload_or_one_request()
    {
        var bytes = new ConcurrentQueue<(int Count, int Bytes)>();
        await using var server = await StartAsync(app => app.MapBatchCommand("SIZE", (context, payloads, _) =>
        {
            bytes.Enqueue((payloads.Count, payloads.Sum(payload => payload.Length)));
            return new([.. payloads.Select(payload => context.Reply($"{payload.Length}"))]);
        }));
        await using var client = await ConnectAsync();
        int[] sizes = [10, 200_000, 5_000, 4_000, 7_000, 100_000, 10, 10];
        foreach (var size in sizes)
        {
            await client.SendAsync(Custom("SIZE", new string('x', size)));
        }

        foreach (var size in sizes)
        {
            Assert.Equal(size.ToString(CultureInfo.InvariantCulture), Text(await client.ReadAsync()));
        }

        Assert.All(bytes, batch => Assert.True(batch.Count == 1 || batch.Bytes <= (64 * 1024) + 200_000));
        Assert.Equal(sizes.Length, bytes.Sum(batch => batch.Count));
    }

    private Task<TestServer> StartAsync(Action<WebApplication> map, TimeProvider? time = null) =>
        TestServer.StartAsync(new() { ["LocalSocket"] = Socket }, map, time);

    private Task<WireClient> ConnectAsync() => WireClient.ConnectAsync(new UnixDomainSocketEndPoint(Socket));

    private ValueTask<IReadOnlyList<Message?>> AddAsync(
        CommandContext context, IReadOnlyList<ReadOnlyMemory<byte>> payloads, CancellationToken cancellationToken)
    {
        _batches.Enqueue(payloads.Count);
        return new([.. payloads.Select(payload => context.Reply(
            (int.Parse(Encoding.UTF8.GetString(payload.Span), CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture)))]);
    }
}
