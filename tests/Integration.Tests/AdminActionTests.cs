using System.Text.Json;
using NetworkProtocol.Messages;
using static Integration.Tests.NetprotoProcess;

namespace Integration.Tests;

/// <summary><c>netproto</c>'s commands that change something at a node.</summary>
[Trait("Needs", "Program")]
public sealed class AdminActionTests
{
    [Fact]
    public async Task Disconnect_ends_one_or_all_that_match_and_closed_shows_it()
    {
        await using var operators = await Operator.StartAsync();
        await using var first = await operators.ConnectAsync();
        await using var second = await operators.ConnectAsync();
        await using var third = await operators.ConnectAsync();
        await operators.FailAsync(2, "1 is not the key of a connection, which has a node and a number, as node-1/42", "disconnect", "1");
        await operators.FailAsync(1, "This is the node node-1, not node-2", "disconnect", "node-2/1");
        Assert.Equal("Connection node-1/1 is being ended.\n", await operators.RunAsync("disconnect", "node-1/1"));
        Assert.Equal(new Message.Disconnect(), await first.ReadAsync());
        await first.DisposeAsync();
        await operators.UntilAsync("closed", output => output.Contains("\tkicked\t", StringComparison.Ordinal));
        Assert.StartsWith("node-1/1\t", Lines(await operators.RunAsync("closed"))[1], StringComparison.Ordinal);
        Assert.Contains("\tconnection node-1/1\t", await operators.RunAsync("audit"), StringComparison.Ordinal);
        await operators.FailAsync(1, "There is no open connection node-1/1.", "disconnect", "node-1/1");
        await operators.FailAsync(2, "--all", "disconnect");
        await operators.FailAsync(2, "give --yes", "disconnect", "--address", "127.0.0.1");
        await operators.FailAsync(1, "no connection matches", "disconnect", "--address", "192.0.2.0/24", "--yes");
        Assert.Equal("Ending 2 connections, 10 a second.\n", await operators.RunAsync("disconnect", "--all", "--rate", "10", "--yes"));
        Assert.Equal(new Message.Disconnect(), await second.ReadAsync());
        Assert.Equal(new Message.Disconnect(), await third.ReadAsync());
        await operators.FailAsync(1, "No connections are being ended.", "disconnect", "--stop");
    }

    [Fact]
    public async Task Kick_is_another_name_of_disconnect()
    {
        await using var operators = await Operator.StartAsync();
        await using var client = await operators.ConnectAsync();
        Assert.Equal("Connection node-1/1 is being ended.\n", await operators.RunAsync("kick", "node-1/1"));
        Assert.Equal(new Message.Disconnect(), await client.ReadAsync());
    }

    [Fact]
    public async Task A_ban_lasts_as_many_hours_as_it_says()
    {
        await using var operators = await Operator.StartAsync();
        foreach (var (text, hours) in new[] { ("24:00:00", 24), ("2.12:00:00", 60), ("00:30:00", 0.5) })
        {
            var before = TimeProvider.System.GetUtcNow();
            await operators.RunAsync("ban", "192.0.2.7", "--reason", "a test", "--for", text);
            using var bans = JsonDocument.Parse(await operators.RunAsync("bans", "--json"));
            var expires = bans.RootElement[0].GetProperty("expiresAt").GetDateTimeOffset();
            Assert.InRange(expires - before, TimeSpan.FromHours(hours), TimeSpan.FromHours(hours + 0.1));
        }
    }

    [Fact]
    public async Task A_ban_is_made_and_lifted()
    {
        await using var operators = await Operator.StartAsync();
        await using var client = await operators.ConnectAsync();
        Assert.Contains(
            "1 connection ended.",
            await operators.RunAsync("ban", "127.0.0.0/8", "--reason", "floods us", "--for", "01:00:00"), StringComparison.Ordinal);
        await client.ReadToEndAsync();
        var ban = Lines(await operators.RunAsync("bans"))[1].Split('\t');
        Assert.Equal(("127.0.0.0/8", "floods us", "token tester"), (ban[1], ban[2], ban[3]));
        Assert.Equal("127.0.0.0/8 is no longer banned.\n", await operators.RunAsync("unban", ban[0]));
        await operators.FailAsync(1, "There is no ban", "unban", ban[0]);
        await operators.FailAsync(2, "Use 192.0.2.0/24 for the network", "ban", "192.0.2.7/24", "--reason", "typing error");
        await operators.FailAsync(2, "must be hh:mm:ss", "ban", "192.0.2.7", "--reason", "thirty of what?", "--for", "30");
        await operators.FailAsync(2, "must be hh:mm:ss", "ban", "192.0.2.7", "--reason", "ninety minutes", "--for", "24:90:00");
        await using var welcome = await operators.ConnectAsync();
    }

    [Fact]
    public async Task A_drain_is_followed_to_its_end_and_undone()
    {
        await using var operators = await Operator.StartAsync();
        await using var client = await operators.ConnectAsync(); // it will not close by itself
        var lines = Lines(await operators.RunAsync("drain", "--rate", "10", "--deadline", "00:00:01"));
        Assert.Equal("Draining 1 connection, 10 a second.", lines[0]);
        Assert.Equal("drained: no connection is left", lines[^1]);
        await operators.FailAsync(1, "already draining or stopping", "drain");
        Assert.Contains("\"stage\":\"drained\"", await operators.RunAsync("drain", "--watch", "--json"), StringComparison.Ordinal);
        Assert.Equal("The drain is undone: the server accepts connections again.\n", await operators.RunAsync("drain", "--undo"));
        await operators.FailAsync(1, "There is no drain to undo.", "drain", "--undo");
        await operators.FailAsync(1, "there is no drain", "drain", "--watch");
        Assert.Equal("Draining 0 connections, 100 a second.\n", await operators.RunAsync("drain", "--no-wait"));
    }

    [Fact]
    public async Task Breakers_are_isolated_and_reset()
    {
        await using var operators = await Operator.StartAsync(
            "--NetworkProtocol:Upstreams:hub:Addresses:0=127.0.0.1:1", "--NetworkProtocol:Upstreams:hub:Commands:0=HUB");
        Assert.Contains("is isolated", await operators.RunAsync("breakers", "isolate", "hub:127.0.0.1:1"), StringComparison.Ordinal);
        Assert.Contains("hub:127.0.0.1:1\tisolated\t", await operators.RunAsync("breakers"), StringComparison.Ordinal);
        await operators.RunAsync("breakers", "reset", "hub:127.0.0.1:1");
        Assert.Contains("hub:127.0.0.1:1\tclosed\t", await operators.RunAsync("breakers"), StringComparison.Ordinal);
        await operators.FailAsync(1, "There is no breaker 'nobody'.", "breakers", "reset", "nobody");
    }

    [Fact]
    public async Task Certificates_are_shown_and_reloaded()
    {
        using var files = CertificateFiles.Create();
        await using var operators = await Operator.StartAsync(
            "--NetworkProtocol:Server:Tls:Mode=Optional",
            $"--NetworkProtocol:Server:Tls:CertificatePath={files.Certificate}",
            $"--NetworkProtocol:Server:Tls:KeyPath={files.Key}");
        var before = Lines(await operators.RunAsync("certificates"))[1].Split('\t');
        Assert.Equal("server, CN=localhost, localhost, 127.0.0.1", string.Join(", ", before[..3]));
        var serial = files.WriteServer();
        Assert.Equal("Loaded: server.\n", await operators.RunAsync("certificates", "reload"));
        Assert.Equal(serial, Lines(await operators.RunAsync("certificates"))[1].Split('\t')[4]);
        await File.WriteAllTextAsync(files.Certificate, "damaged");
        await operators.FailAsync(1, files.Certificate, "certificates", "reload");
    }
}
