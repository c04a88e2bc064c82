using System.Collections.Concurrent;
using System.Text;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Messages;
using NetworkProtocol.Server;

namespace Integration.Tests.Hub;

/// <summary><c>netproto publish</c> against a server that takes publications over a Unix socket.</summary>
[Trait("Needs", "Program")]
public sealed class PublishCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("npro").FullName;
    private readonly ConcurrentQueue<Publication> _taken = new();

    private string Address => $"unix:{Path.Combine(_folder, "sensor.sock")}";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_value_is_published_and_its_number_printed()
    {
        await using var edge = await StartAsync();
        Assert.Equal((0, "1\n", ""), await RunAsync("", Address, "room1/temperature", "21.5"));
        Assert.Equal((0, "2\n", ""), await RunAsync("", Address, "room1/temperature", "-5.25"));
        Assert.Equal((0, "3\n", ""), await RunAsync("", Address, "empty", ""));
        Assert.Equal((0, "{\"sequence\":4}\n", ""), await RunAsync(
            "", Address, "fire", "yes", "--lane", "alarm", "--ttl", "60", "--time", "2026-11-28T12:00:00Z", "--json"));
        Assert.Equal(["room1/temperature=21.5", "room1/temperature=-5.25", "empty=", "fire=yes"], _taken.Select(TextOf));
        var (first, last) = (_taken.First(), _taken.Last());
        Assert.Equal((Lane.Bulk, null, null), (first.Lane, first.Time, first.TimeToLive));
        Assert.Equal(
            (Lane.Alarm, new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero), TimeSpan.FromMinutes(1)),
            (last.Lane, last.Time, last.TimeToLive));
    }

    [Fact]
    public async Task Lines_are_published_in_their_order_and_any_bytes_are_a_value()
    {
        await using var edge = await StartAsync();
        var lines = string.Concat(Enumerable.Range(1, 5000).Select(i => $"count {i}\n"));
        var (exitCode, output, errors) = await RunAsync($"{lines}\nempty \r\nspaces a b  c", Address);
        Assert.Equal((0, "5002 accepted, 0 refused, the last with the number 5002\n", ""), (exitCode, output, errors));
        Assert.Equal(
            [.. Enumerable.Range(1, 5000).Select(i => $"count={i}"), "empty=", "spaces=a b  c"], _taken.Select(TextOf));
        (exitCode, output, errors) = await RunAsync("", Address, "--json");
        Assert.Equal((0, "{\"accepted\":0,\"refused\":0}\n", ""), (exitCode, output, errors));
    }

    [Fact]
    public async Task The_first_line_that_is_refused_ends_the_run()
    {
        await using var edge = await StartAsync();
        var (exitCode, output, errors) = await RunAsync("a 1\nb no\n", Address);
        Assert.Equal((1, "1 accepted, 1 refused, the last with the number 1\n"), (exitCode, output));
        Assert.Equal("netproto: line 2: the buffer is full\n", errors);
        (exitCode, output, errors) = await RunAsync("a 2\nnothing\n", Address);
        Assert.Equal((1, "1 accepted, 1 refused, the last with the number 2\n"), (exitCode, output));
        Assert.StartsWith(
            "netproto: line 2: There is no space; the text must be a topic, a space and a value", errors, StringComparison.Ordinal);
        (exitCode, output, errors) = await RunAsync($"a 3\nlong {new string('x', Publication.MaxEncodedBytes * 3)}\na 4\n", Address);
        Assert.Equal((1, "1 accepted, 1 refused, the last with the number 3\n"), (exitCode, output));
        Assert.StartsWith("netproto: line 2: the line has more than ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_keep_going_all_other_lines_are_published()
    {
        await using var edge = await StartAsync();
        var (exitCode, output, errors) = await RunAsync(
            $"a 1\nb no\nnothing\nlong {new string('x', Publication.MaxEncodedBytes * 3)}\na 2\n", Address, "--keep-going");
        Assert.Equal((1, "2 accepted, 3 refused, the last with the number 2\n"), (exitCode, output));
        Assert.Equal(["a=1", "a=2"], _taken.Select(TextOf));
        Assert.Equal(
            ["netproto: line 2: ", "netproto: line 3: ", "netproto: line 4: ", "netproto: not all lines were accepted"],
            errors.TrimEnd('\n').Split('\n').Select(line => line.Contains("line ", StringComparison.Ordinal) ? line[..18] : line));
    }

    [Fact]
    public async Task Wrong_arguments_and_a_missing_edge_are_told_apart()
    {
        await using var edge = await StartAsync();
        await FailAsync(2, "the value of room1/temperature is missing; give '' for an empty one", Address, "room1/temperature");
        await FailAsync(2, "The topic has no bytes", Address, "", "21.5");
        await FailAsync(2, "The time to live must be 1 to", Address, "a", "1", "--ttl", "0");
        await FailAsync(2, "The time to live must be 1 to", Address, "--ttl", "0");
        await FailAsync(2, "--time noon: must be a time as 2026-11-28T12:00:00Z", Address, "a", "1", "--time", "noon");
        await FailAsync(2, "--lane", Address, "a", "1", "--lane", "express");
        await FailAsync(1, "the buffer is full", Address, "b", "no");
        await FailAsync(1, "", $"unix:{_folder}/nobody.sock", "a", "1");
        Assert.Empty(_taken);
    }

    private static string TextOf(Publication publication) => $"{publication.Topic}={Encoding.UTF8.GetString(publication.Payload.Span)}";

    private static Task<(int ExitCode, string Output, string Errors)> RunAsync(string input, params string[] arguments) =>
        NetprotoProcess.RunAsync([], input, ["publish", .. arguments]);

    private static async Task FailAsync(int exitCode, string error, params string[] arguments)
    {
        var result = await RunAsync("", arguments);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("netproto: ", result.Errors, StringComparison.Ordinal);
        Assert.Contains(error, result.Errors, StringComparison.Ordinal);
    }

    private Task<TestServer> StartAsync() => TestServer.StartAsync(
        new() { ["LocalSocket"] = Address["unix:".Length..] },
        app => app.MapCommand(Publication.Command, (ReadOnlyMemory<byte> payload) =>
        {
            var publication = Publication.Read(payload);
            if (publication.Topic == "b")
            {
                return Message.Custom.Error("the buffer is full");
            }

            _taken.Enqueue(publication);
            return new Message.Custom(Publication.Command, Encoding.UTF8.GetBytes($"{_taken.Count}"));
        }));
}
