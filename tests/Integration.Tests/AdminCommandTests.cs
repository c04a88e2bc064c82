using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Integration.Tests.Console;
using Integration.Tests.Operations;
using NetworkProtocol.Messages;

namespace Integration.Tests;

/// <summary><c>netproto</c>'s admin commands against the program, as an operator's script runs them.</summary>
[Trait("Needs", "Program")]
public sealed partial class AdminCommandTests : IDisposable
{
    private readonly CertificateFiles _files = CertificateFiles.Create();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Status_and_connections_show_what_is()
    {
        await using var operators = await Operator.StartAsync();
        await using var client = await operators.ConnectAsync();
        var status = await operators.RunAsync("status");
        Assert.Contains("state\tready\n", status, StringComparison.Ordinal);
        Assert.Contains("connections\t1\n", status, StringComparison.Ordinal);
        var lines = Lines(await operators.RunAsync("connections", "--transport", "secure", "--address", "127.0.0.0/8", "--max-age", "01:00:00"));
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
        await using var operators = await Operator.StartAsync(
            "--NetworkProtocol:Server:Tls:Mode=Optional",
            $"--NetworkProtocol:Server:Tls:CertificatePath={_files.Certificate}",
            $"--NetworkProtocol:Server:Tls:KeyPath={_files.Key}",
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
        Assert.Contains("1 connection ended.", await operators.RunAsync("ban", "127.0.0.0/8", "--reason", "floods us", "--for", "01:00:00"), StringComparison.Ordinal);
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
        await using var operators = await Operator.StartAsync(
            "--NetworkProtocol:Server:Tls:Mode=Optional",
            $"--NetworkProtocol:Server:Tls:CertificatePath={_files.Certificate}",
            $"--NetworkProtocol:Server:Tls:KeyPath={_files.Key}");
        var before = Lines(await operators.RunAsync("certificates"))[1].Split('\t');
        Assert.Equal("server, CN=localhost, localhost, 127.0.0.1", string.Join(", ", before[..3]));
        var serial = _files.WriteServer();
        Assert.Equal("Loaded: server.\n", await operators.RunAsync("certificates", "reload"));
        Assert.Equal(serial, Lines(await operators.RunAsync("certificates"))[1].Split('\t')[4]);
        await File.WriteAllTextAsync(_files.Certificate, "damaged");
        await operators.FailAsync(1, _files.Certificate, "certificates", "reload");
    }

    [Fact]
    public async Task A_server_with_https_is_verified()
    {
        var data = $"--NetworkProtocol:Admin:DataPath={_files.Folder}/data";
        string secret;
        await using (var before = await Operator.StartAsync(data))
        {
            secret = before.Secret;
        }

        await using var server = await ServerProcess.StartAsync(
            data, "--NetworkProtocol:Server:Tls:Mode=Disabled",
            $"--NetworkProtocol:Http:Tls:CertificatePath={_files.Certificate}", $"--NetworkProtocol:Http:Tls:KeyPath={_files.Key}");
        Task<(int ExitCode, string Output, string Errors)> Status(params string[] trust) => NetprotoProcess.RunAsync(
            [new("NETPROTO_URL", server.Http.AbsoluteUri), new("NETPROTO_TOKEN", secret)], "", ["status", .. trust]);
        var (exitCode, output, errors) = await Status();
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("--ca trusts an authority of your own", errors, StringComparison.Ordinal);
        (exitCode, _, errors) = await Status("--ca", _files.Authority);
        Assert.Equal((0, ""), (exitCode, errors));
        (exitCode, _, errors) = await Status("--insecure");
        Assert.Equal(0, exitCode);
        Assert.StartsWith("WARNING: --insecure", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_with_https_is_trusted_by_its_issuing_authority_alone_or_by_itself_and_by_no_other()
    {
        using var files = new Certificates.ServerFiles();
        var data = $"--NetworkProtocol:Admin:DataPath={_files.Folder}/data";
        string secret;
        await using (var before = await Operator.StartAsync(data))
        {
            secret = before.Secret;
        }

        await using var server = await ServerProcess.StartAsync([data, .. files.Arguments("Http")]);
        foreach (var (trusted, isGood) in new[] { (files.Intermediate, true), (files.Good, true), (files.Root, true), (files.Root.Intermediate("stranger"), false) })
        {
            await File.WriteAllTextAsync(files.Under("trusted.pem"), trusted.Pem);
            var (exitCode, _, errors) = await NetprotoProcess.RunAsync(
                [new("NETPROTO_URL", $"https://localhost:{server.Http.Port}"), new("NETPROTO_TOKEN", secret)], "", ["status", "--ca", files.Under("trusted.pem")]);
            Assert.Equal(isGood ? (0, true) : (1, false), (exitCode, errors.Length == 0));
        }
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
    public async Task Who_may_not_is_told_what_to_do_and_no_token_is_shown()
    {
        await using var operators = await Operator.StartAsync();
        var viewer = await operators.Session.CreateTokenAsync("watcher", "viewer");
        var file = Path.Combine(_files.Folder, "token");
        await File.WriteAllTextAsync(file, viewer + "\n");
        await operators.RunAsync("status", "--token-file", file);
        await operators.FailAsync(1, "a viewer's cannot change anything", "ban", "192.0.2.7", "--reason", "a test", "--token-file", file);
        await operators.FailAsync(1, "does not accept the token", "status", "--token", "npat_wrong");
        await operators.FailAsync(2, "characters that a token cannot contain", "status", "--token", "npat_wrong\n");
        await operators.FailAsync(2, "exclude each other", "status", "--token", "npat_wrong", "--token-file", file);
        var (exitCode, _, errors) = await NetprotoProcess.RunAsync("status", "--url", operators.Url);
        Assert.Equal(1, exitCode);
        Assert.Contains("set NETPROTO_TOKEN", errors, StringComparison.Ordinal);
        Assert.DoesNotContain(operators.Secret, await operators.RunAsync("status", "--help"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_values_are_a_wrong_usage_and_absent_servers_a_failure()
    {
        await using var operators = await Operator.StartAsync();
        await operators.FailAsync(2, "must be one of id, peer,", "connections", "--sort", "size");
        await operators.FailAsync(2, "must be one of undecided, secure", "connections", "--transport", "pigeon");
        await operators.FailAsync(2, "size = 0: must be 1 to 1000.", "errors", "--size", "0");
        await operators.FailAsync(2, "must be an address", "status", "--url", "localhost");
        await operators.FailAsync(2, "need an https:// address", "status", "--insecure");
        await operators.FailAsync(1, "cannot reach http://127.0.0.1:1", "status", "--url", "http://127.0.0.1:1");
        await operators.FailAsync(1, "check --url", "status", "--url", $"{operators.Url}health");
    }

    [Fact]
    public async Task A_redirect_does_not_get_the_token()
    {
        await using var operators = await Operator.StartAsync();
        using var elsewhere = new HttpListener();
        var url = $"http://127.0.0.1:{FreePort.Take()}/";
        elsewhere.Prefixes.Add(url);
        elsewhere.Start();
        var asked = elsewhere.GetContextAsync();
        var run = operators.TryAsync("status", "--url", url);
        var context = await asked.WaitAsync(TimeSpan.FromSeconds(60));
        context.Response.Redirect($"{operators.Url}api/v1/status");
        context.Response.Close();
        var (exitCode, output, errors) = await run;
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains($"redirects to {operators.Url}", errors, StringComparison.Ordinal);
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

    [Fact]
    public async Task A_hashed_password_lets_its_owner_in()
    {
        const string Password = "Grüße from the moon";
        var (exitCode, hash, errors) = await NetprotoProcess.RunAsync([], Password + "\n", "hash-password");
        Assert.Equal((0, ""), (exitCode, errors));
        await using var server = await ServerProcess.StartAsync("--NetworkProtocol:Server:Tls:Mode=Disabled", $"--NetworkProtocol:Admin:Password={hash.Trim()}");
        using var session = new AdminSession(server);
        Assert.Equal(HttpStatusCode.Unauthorized, (await session.SignInAsync("admin", Password + "!")).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await session.SignInAsync("admin", Password)).StatusCode);
        (exitCode, hash, errors) = await NetprotoProcess.RunAsync([], "short\n", "hash-password");
        Assert.Equal((2, "", "netproto: the password must have 12 characters or more\n"), (exitCode, hash, errors));
    }

    [Fact]
    public async Task A_token_of_the_settings_or_of_a_credential_works_without_a_browser_and_the_console_cannot_revoke_it()
    {
        var (robot, robotHash) = await CreateTokenAsync();
        var (watcher, watcherHash) = await CreateTokenAsync();
        Assert.NotEqual(robot, watcher);
        var credentials = Directory.CreateDirectory(Path.Combine(_files.Folder, "credentials")).FullName;
        await File.WriteAllTextAsync(Path.Combine(credentials, "NetworkProtocol__Admin__Tokens__watcher__Hash"), watcherHash + "\n");
        await using var server = await ServerProcess.StartAsync(
            start => start.Environment["CREDENTIALS_DIRECTORY"] = credentials,
            "--NetworkProtocol:Server:Tls:Mode=Disabled",
            $"--NetworkProtocol:Admin:Tokens:robot:Hash={robotHash.ToLowerInvariant()}", "--NetworkProtocol:Admin:Tokens:robot:Role=Operator");
        using var operators = AccessTests.WithToken(server, robot);
        using var viewers = AccessTests.WithToken(server, watcher);
        using var wrong = AccessTests.WithToken(server, robotHash);
        Assert.Equal(HttpStatusCode.Unauthorized, (await wrong.GetAsync("/api/v1/status")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await viewers.DeleteAsync("/api/v1/tokens/robot")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await operators.DeleteAsync("/api/v1/tokens/robot")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await operators.PostAsJsonAsync("/api/v1/tokens", new { name = "Robot", role = "viewer", lifetime = "01:00:00" })).StatusCode);
        var rows = await operators.GetFromJsonAsync<JsonElement[]>("/api/v1/tokens");
        Assert.All(rows!, row => Assert.Equal((true, false, JsonValueKind.Null), (
            row.GetProperty("provisioned").GetBoolean(), row.GetProperty("expired").GetBoolean(), row.GetProperty("expiresAt").ValueKind)));
        Assert.Contains("token robot", await viewers.GetStringAsync("/api/v1/audit"), StringComparison.Ordinal);
        Assert.DoesNotContain(robotHash, await viewers.GetStringAsync("/api/v1/configuration"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_wrong_hash_of_a_token_stops_the_start_and_is_not_shown()
    {
        var (token, hash) = await CreateTokenAsync();
        var (exitCode, _, errors) = await ServerProcess.RunAsync(
            "--check-config", "--NetworkProtocol:Server:Tls:Mode=Disabled", $"--NetworkProtocol:Admin:Tokens:a:Hash={token}", "--NetworkProtocol:Admin:Tokens:b:Role=Operator",
            $"--NetworkProtocol:Admin:Tokens:c:Hash={hash}", $"--NetworkProtocol:Admin:Tokens:d:Hash={hash}");
        Assert.Equal(1, exitCode);
        Assert.Equal(
            [
                "NetworkProtocol:Admin:Tokens:a:Hash = (hidden): must be a hash that netproto create-token has printed, 64 hexadecimal digits",
                "NetworkProtocol:Admin:Tokens:b:Hash = : must be a hash that netproto create-token has printed, 64 hexadecimal digits",
                "NetworkProtocol:Admin:Tokens:d:Hash = (hidden): is already the hash of the token c; each token must have its own hash",
            ],
            Lines(errors));
    }

    private static async Task<(string Token, string Hash)> CreateTokenAsync()
    {
        var (exitCode, output, errors) = await NetprotoProcess.RunAsync("create-token");
        Assert.Equal((0, ""), (exitCode, errors));
        var cells = Lines(output).Select(line => line.Split('\t')).ToArray();
        Assert.Equal(["token", "hash"], cells.Select(line => line[0]));
        Assert.StartsWith("npat_", cells[0][1], StringComparison.Ordinal);
        return (cells[0][1], cells[1][1]);
    }

    private static string[] Lines(string output) => output.TrimEnd('\n').Split('\n');

    [GeneratedRegex(@"[\p{Cc}\p{Cf}-[\n\t]]")]
    private static partial Regex Raw();
}
