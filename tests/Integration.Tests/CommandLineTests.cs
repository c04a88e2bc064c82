using NetworkProtocol.Server;

namespace Integration.Tests;

/// <summary><c>netproto</c> against the program, with the commands that a newcomer types.</summary>
[Trait("Needs", "Program")]
public sealed class CommandLineTests : IDisposable
{
    private readonly CertificateFiles _files = CertificateFiles.Create();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Every_transport_echoes()
    {
        var local = Path.Combine(_files.Folder, "local.sock");
        await using var server = await StartAsync($"--NetworkProtocol:Server:LocalSocket={local}");
        var port = server.Protocol.Port;
        Assert.Equal((0, "Grüße\n", ""), await RunAsync("echo", $"localhost:{port}", "Grüße", "--ca", _files.Authority));
        Assert.Equal((0, "hello\n", ""), await RunAsync("echo", $"127.0.0.1:{port}", "hello", "--plain"));
        Assert.Equal((0, "hello\n", ""), await RunAsync("echo", $"unix:{local}", "hello"));
        Assert.Equal((0, "{\"text\":\"hello\"}\n", ""), await RunAsync("echo", $"unix:{local}", "hello", "--json"));
    }

    [Fact]
    public async Task Help_lists_the_commands_in_groups_and_by_name()
    {
        var (exitCode, output, errors) = await RunAsync("--help");
        Assert.Equal((0, ""), (exitCode, errors));
        string[] some = ["bench", "echo", "ping", "audit", "disconnect", "unban", "create-token", "hash-password", "backup", "restore"];
        var lines = output.Split("Commands:\n")[1].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var names = lines.Select(line => line.Trim().Split(' ', ',')[0]);
        Assert.Equal(some, names.Where(some.Contains));
    }

    [Fact]
    public async Task An_unknown_server_certificate_is_refused_unless_told_otherwise()
    {
        await using var server = await StartAsync();
        var (exitCode, output, errors) = await RunAsync("ping", $"localhost:{server.Protocol.Port}");
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("certificate was not accepted", errors, StringComparison.Ordinal);
        (exitCode, output, errors) = await RunAsync("ping", $"localhost:{server.Protocol.Port}", "--insecure");
        Assert.Equal(0, exitCode);
        Assert.StartsWith("Pong in ", output, StringComparison.Ordinal);
        Assert.StartsWith("WARNING", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_of_TLS_names_the_options_that_help()
    {
        await using var server = await StartAsync();
        var (exitCode, _, errors) = await RunAsync("echo", $"localhost:{server.Protocol.Port}", "hello");
        Assert.Equal(1, exitCode);
        Assert.Contains("--ca FILE", errors, StringComparison.Ordinal);
        Assert.Contains("--plain", errors, StringComparison.Ordinal);
        (exitCode, _, errors) = await RunAsync("echo", $"localhost:{server.Protocol.Port}", "hello", "--ca", "/nowhere.pem");
        Assert.Equal((1, false), (exitCode, errors.Contains("--plain", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_a_server_says_reaches_no_terminal_as_a_command()
    {
        const string Evil = "\u001b]0;owned\u0007\u001b[31mred\u009b2J\u202Eback\rover\n\tnext";
        const string Harmless = "\\u001B]0;owned\\u0007\\u001B[31mred\\u009B2J\\u202Eback\\u000Dover\n\tnext\n";
        await using var server = await TestServer.StartAsync(map: app =>
        {
            app.MapCommand("EVIL", () => Evil);
            app.MapCommand("REFUSE", () => NetworkProtocol.Messages.Message.Custom.Error(Evil));
        });
        var address = server.EndPoint.ToString();
        Assert.Equal((0, Harmless, ""), await RunAsync("echo", address, Evil, "--plain"));
        Assert.Equal((0, Harmless, ""), await RunAsync("send", address, "EVIL", "--plain"));
        Assert.Equal((0, Evil, ""), await RunAsync("send", address, "EVIL", "--plain", "--raw"));
        var (_, json, _) = await RunAsync("send", address, "EVIL", "--plain", "--json");
        Assert.Equal(Evil, System.Text.Json.JsonDocument.Parse(json).RootElement.GetProperty("payload").GetString());
        Assert.DoesNotContain(json.TrimEnd(), char.IsControl);
        var (exitCode, _, errors) = await RunAsync("send", address, "REFUSE", "--plain");
        Assert.Equal(1, exitCode);
        Assert.DoesNotContain(errors.TrimEnd(), letter => char.IsControl(letter) || letter == '\u202E');
    }

    [Fact]
    public async Task Errors_are_one_line_and_an_exit_code()
    {
        await using var server = await StartAsync();
        var (exitCode, _, errors) = await RunAsync("send", $"localhost:{server.Protocol.Port}", "NOBODY", "--plain");
        Assert.Equal((1, "netproto: Unknown command: NOBODY\n"), (exitCode, errors));
        (exitCode, _, errors) = await RunAsync("ping", "localhost:port", "--plain");
        Assert.Equal(2, exitCode);
        Assert.Single(errors.Trim().Split('\n'));
        Assert.Equal(1, (await RunAsync("ping", "127.0.0.1:1", "--plain")).ExitCode);
        (exitCode, _, errors) = await RunAsync("bench", "localhost:1", "--duration", "30"); // .NET reads 30 as days
        Assert.Equal((2, true), (exitCode, errors.Contains("--duration 30: must be hh:mm:ss", StringComparison.Ordinal)));
        (exitCode, var output, errors) = await RunAsync("dance");
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains("'dance'", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_counts_messages()
    {
        await using var server = await StartAsync();
        var (exitCode, output, _) = await RunAsync(
            "bench", $"localhost:{server.Protocol.Port}", "--plain", "--connections", "4", "--depth", "4", "--duration", "00:00:01");
        Assert.Equal(0, exitCode);
        Assert.Contains("messages/s, p50", output, StringComparison.Ordinal);
    }

    private Task<ServerProcess> StartAsync(params string[] more) => ServerProcess.StartAsync([
        "--NetworkProtocol:Server:Tls:Mode=Optional",
        $"--NetworkProtocol:Server:Tls:CertificatePath={_files.Certificate}",
        $"--NetworkProtocol:Server:Tls:KeyPath={_files.Key}",
        .. more]);

    private static Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) =>
        NetprotoProcess.RunAsync(arguments);
}
