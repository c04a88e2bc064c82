using System.Text.Json;
using System.Text.RegularExpressions;
using NetworkProtocol.Messages;
using static Integration.Tests.NetprotoProcess;

namespace Integration.Tests;

/// <summary><c>netproto</c>'s commands that show what a node does, and their tables, JSON and filters.</summary>
[Trait("Needs", "Program")]
public sealed partial class AdminViewTests
{
    [Fact]
    public async Task Status_and_connections_show_what_is()
    {
        await using var operators = await Operator.StartAsync();
        await using var client = await operators.ConnectAsync();
        var status = await operators.RunAsync("status");
        Assert.Contains("state\tready\n", status, StringComparison.Ordinal);
        Assert.Contains("connections\t1\n", status, StringComparison.Ordinal);
        var lines = Lines(await operators.RunAsync(
            "connections", "--transport", "secure", "--address", "127.0.0.0/8", "--max-age", "01:00:00"));
        Assert.StartsWith("id\tpeer\tidentity\t", lines[0], StringComparison.Ordinal);
        Assert.StartsWith($"node-1/1\t{client.Socket.LocalEndPoint}\t\tsecure\twaiting\t", lines[1], StringComparison.Ordinal);
        Assert.Equal(2, lines.Length);
        Assert.Single(Lines(await operators.RunAsync("connections", "--transport", "tls")));
        await using var second = await operators.ConnectAsync();
        var (_, output, errors) = await operators.TryAsync("connections", "--size", "1", "--sort", "id", "--descending");
        Assert.StartsWith("node-1/2\t", Lines(output)[1], StringComparison.Ordinal);
        Assert.Equal("netproto: rows 1 to 1 of 2; --page 2 has more\n", errors);
        var whole = await operators.RunAsync("connections", "node-1/1");
        Assert.Contains("id\tnode-1/1\n", whole, StringComparison.Ordinal);
        Assert.Contains("\treceived\tPING\t", whole, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_the_apis_own()
    {
        await using var operators = await Operator.StartAsync();
        using var api = JsonDocument.Parse(await operators.Session.Http.GetStringAsync("/api/v1/bans"));
        Assert.Equal(api.RootElement.GetRawText() + "\n", await operators.RunAsync("bans", "--json"));
        using var status = JsonDocument.Parse(await operators.RunAsync("status", "--json"));
        Assert.Equal("ready", status.RootElement.GetProperty("state").GetString());
        using var ban = JsonDocument.Parse(await operators.RunAsync("ban", "192.0.2.7", "--reason", "a test", "--json"));
        Assert.StartsWith("192.0.2.7 is banned without an end", ban.RootElement.GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Columns_have_the_names_and_the_values_of_the_json()
    {
        using var files = CertificateFiles.Create();
        await using var operators = await Operator.StartAsync(
            "--NetworkProtocol:Server:Tls:Mode=Optional",
            $"--NetworkProtocol:Server:Tls:CertificatePath={files.Certificate}",
            $"--NetworkProtocol:Server:Tls:KeyPath={files.Key}",
            "--NetworkProtocol:Upstreams:hub:Addresses:0=127.0.0.1:1",
            "--NetworkProtocol:Upstreams:hub:Commands:0=HUB");
        await operators.RunAsync("ban", "192.0.2.7", "--reason", "Grüße");
        await using (var client = await operators.ConnectAsync())
        {
            await client.SendAsync(new Message.Custom("NOBODY", default));
            await client.ReadAsync();
        }

        await operators.UntilAsync("closed", output => output.Contains("node-1/1", StringComparison.Ordinal));
        foreach (var command in new[] { "audit", "bans", "breakers", "certificates", "closed", "errors" })
        {
            var lines = Lines(await operators.RunAsync(command));
            using var json = JsonDocument.Parse(await operators.RunAsync(command, "--json"));
            var rows = json.RootElement.ValueKind == JsonValueKind.Array ? json.RootElement : json.RootElement.GetProperty("items");
            var header = lines[0].Split('\t');
            Assert.Equal(header.Select(name => (name, CellOf(rows[0].GetProperty(name)))), header.Zip(lines[1].Split('\t')));
        }

        var status = await operators.RunAsync("status");
        Assert.Contains("maxConnections\t", status, StringComparison.Ordinal);
        Assert.Contains("rates.messagesReceived\t", status, StringComparison.Ordinal);
        Assert.Contains("drain.stage\tnone\n", status, StringComparison.Ordinal);

        static string CellOf(JsonElement value) => value.ValueKind switch
        {
            JsonValueKind.Null => "",
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(CellOf)),
            _ => value.GetRawText(),
        };
    }

    [Fact]
    public async Task The_audit_log_says_whose_token_it_was()
    {
        await using var operators = await Operator.StartAsync();
        await operators.RunAsync("ban", "192.0.2.7", "--reason", "a test");
        var newest = Lines(await operators.RunAsync("audit"))[1].Split('\t');
        Assert.Equal("token tester, 127.0.0.1, api, ban, 192.0.2.7, done", string.Join(", ", newest[1..7]));
    }

    [Fact]
    public async Task Escape_sequences_of_a_hostile_client_do_not_reach_the_terminal()
    {
        await using var operators = await Operator.StartAsync();
        await using var client = await operators.ConnectAsync();
        await client.SendAsync(new Message.Custom("\e[2J\e]0;owned\a\u202e\u009b1m\tX", default));
        await client.ReadAsync();
        var output = await operators.RunAsync("errors", "--kind", "unknown_command");
        Assert.Contains("Unknown command: \ufffd[2J\ufffd]0;owned\ufffd\ufffd\ufffd1m X\n", output, StringComparison.Ordinal);
        Assert.DoesNotMatch(Raw(), output);
        Assert.DoesNotMatch(Raw(), await operators.RunAsync("connections", "node-1/1"));
        Assert.DoesNotMatch(Raw(), await operators.RunAsync("errors", "--json"));
        var errors = await operators.RunAsync("errors", "--connection", "node-1/1");
        Assert.Contains("\tnode-1/1\tUnknown command: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_filter_with_a_value_that_does_not_exist_exits_with_2_and_says_what_would_be_right()
    {
        await using var operators = await Operator.StartAsync();
        await operators.FailAsync(2, "kind = nonsense: must be one of ", "errors", "--kind", "nonsense");
        await operators.FailAsync(2, "42 is not the key of a connection", "errors", "--connection", "42");
        await operators.FailAsync(2, "42 is not the key of a connection", "connections", "42");
        await operators.FailAsync(2, "This is the node node-1, not node-2", "errors", "--connection", "node-2/42");
        await operators.FailAsync(2, "address = 10.0.0.0/99: must be ", "connections", "--address", "10.0.0.0/99");
        await operators.FailAsync(2, "reason = nonsense: must be one of ", "closed", "--reason", "nonsense");
    }

    [GeneratedRegex(@"[\p{Cc}\p{Cf}-[\n\t]]")]
    private static partial Regex Raw();
}
