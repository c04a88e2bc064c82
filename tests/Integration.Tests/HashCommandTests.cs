using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Integration.Tests.Console;
using static Integration.Tests.NetprotoProcess;

namespace Integration.Tests;

/// <summary><c>netproto</c>'s commands that print hashes, and the program that takes these hashes from its settings.</summary>
[Trait("Needs", "Program")]
public sealed class HashCommandTests
{
    [Fact]
    public async Task A_hashed_password_lets_its_owner_in()
    {
        const string Password = "Grüße from the moon";
        var (exitCode, hash, errors) = await NetprotoProcess.RunAsync([], Password + "\n", "hash-password");
        Assert.Equal((0, ""), (exitCode, errors));
        await using var server = await ServerProcess.StartAsync(
            "--NetworkProtocol:Server:Tls:Mode=Disabled", $"--NetworkProtocol:Admin:Password={hash.Trim()}");
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
        using var credentials = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(credentials.Path, "NetworkProtocol__Admin__Tokens__watcher__Hash"), watcherHash + "\n");
        await using var server = await ServerProcess.StartAsync(
            start => start.Environment["CREDENTIALS_DIRECTORY"] = credentials.Path,
            "--NetworkProtocol:Server:Tls:Mode=Disabled",
            $"--NetworkProtocol:Admin:Tokens:robot:Hash={robotHash.ToLowerInvariant()}",
            "--NetworkProtocol:Admin:Tokens:robot:Role=Operator");
        using var operators = ConsoleServer.WithToken(server, robot);
        using var viewers = ConsoleServer.WithToken(server, watcher);
        using var wrong = ConsoleServer.WithToken(server, robotHash);
        Assert.Equal(HttpStatusCode.Unauthorized, (await wrong.GetAsync("/api/v1/status")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await viewers.DeleteAsync("/api/v1/tokens/robot")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await operators.DeleteAsync("/api/v1/tokens/robot")).StatusCode);
        var sameName = new { name = "Robot", role = "viewer", lifetime = "01:00:00" };
        Assert.Equal(HttpStatusCode.Conflict, (await operators.PostAsJsonAsync("/api/v1/tokens", sameName)).StatusCode);
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
            "--check-config", "--NetworkProtocol:Server:Tls:Mode=Disabled",
            $"--NetworkProtocol:Admin:Tokens:a:Hash={token}", "--NetworkProtocol:Admin:Tokens:b:Role=Operator",
            $"--NetworkProtocol:Admin:Tokens:c:Hash={hash}", $"--NetworkProtocol:Admin:Tokens:d:Hash={hash}");
        Assert.Equal(1, exitCode);
        const string NoHash = "must be a hash that netproto create-token has printed, 64 hexadecimal digits";
        Assert.Equal(
            [
                $"NetworkProtocol:Admin:Tokens:a:Hash = (hidden): {NoHash}",
                $"NetworkProtocol:Admin:Tokens:b:Hash = : {NoHash}",
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
}
