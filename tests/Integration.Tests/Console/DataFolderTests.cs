using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Data;
using NetworkProtocol.Web.Node;

namespace Integration.Tests.Console;

/// <summary>
/// The folder for data that outlives the process. One process uses it, no other user has access, and the files must be intact.
/// </summary>
public sealed class DataFolderTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sessions_tokens_bans_and_the_audit_log_outlive_a_restart_and_no_secret_is_kept_in_the_clear()
    {
        string secret;
        Cookie cookie;
        await using (var server = await StartAsync())
        {
            using var session = await AdminSession.SignInAsync(server);
            secret = await session.CreateTokenAsync("robot", "operator");
            cookie = session.SessionCookie;
            Assert.Equal(
                HttpStatusCode.OK,
                (await session.SendAsync(HttpMethod.Post, "/api/v1/bans", new { target = "192.0.2.0/24", reason = "a test" })).StatusCode);
        }

        await using var again = await StartAsync();
        using var robot = ConsoleServer.WithToken(again, secret);
        Assert.Contains("192.0.2.0/24", await robot.GetStringAsync("/api/v1/bans"), StringComparison.Ordinal);
        Assert.Contains("create-token", await robot.GetStringAsync("/api/v1/audit"), StringComparison.Ordinal);
        using var stillIn = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = again.Http };
        stillIn.DefaultRequestHeaders.Add("Cookie", $"{cookie.Name}={cookie.Value}");
        Assert.Equal(HttpStatusCode.OK, (await stillIn.GetAsync("/api/v1/status")).StatusCode);
        foreach (var file in Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain(secret, await File.ReadAllTextAsync(file), StringComparison.Ordinal);
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task A_second_process_is_refused_until_the_first_has_ended_in_whatever_way()
    {
        await using (var first = await StartAsync())
        {
            Assert.Equal(
                $"NetworkProtocol:Admin:DataPath = {_folder.Path}: process {first.Id} on {Environment.MachineName} "
                    + "already uses this folder; each process must have its own folder",
                await RefusedAsync());
            Assert.NotEmpty(await File.ReadAllTextAsync(At("lock"))); // a backup reads it
            using var session = await AdminSession.SignInAsync(first);
            Assert.Equal(
                HttpStatusCode.OK,
                (await session.SendAsync(HttpMethod.Post, "/api/v1/bans", new { target = "192.0.2.7", reason = "a test" })).StatusCode);
            await first.SignalAsync("KILL");
            await first.WaitForExitAsync();
        }

        await using var next = await StartAsync();
        using var again = await AdminSession.SignInAsync(next);
        Assert.Contains("192.0.2.7", await again.Http.GetStringAsync("/api/v1/bans"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_key_is_named_and_not_replaced_in_silence()
    {
        await using (var server = await StartAsync())
        {
            using var session = await AdminSession.SignInAsync(server);
        }

        var key = Assert.Single(Directory.GetFiles(At("keys")));
        var good = await File.ReadAllTextAsync(key);
        foreach (var damage in (string[])[
            good[..(good.Length / 2)], good.Replace("masterKey", "master", StringComparison.Ordinal), "<nothing/>"])
        {
            await File.WriteAllTextAsync(key, damage);
            Assert.StartsWith($"{key} is damaged, repair or remove it: ", await RefusedAsync(), StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(key, good);
        await using var again = await StartAsync();
    }

    [Theory]
    [InlineData("bans.json", "")]
    [InlineData("bans.json", "null")]
    [InlineData("bans.json", "[null]")]
    [InlineData("bans.json", "[{}]")]
    [InlineData(
        "bans.json",
        "[{\"Id\":null,\"Target\":\"192.0.2.7\",\"Reason\":\"x\",\"By\":\"x\",\"At\":\"2026-01-01T00:00:00Z\",\"ExpiresAt\":null}]")]
    [InlineData(
        "bans.json",
        "[{\"Id\":\"1\",\"Target\":\"nonsense\",\"Reason\":\"x\",\"By\":\"x\",\"At\":\"2026-01-01T00:00:00Z\",\"ExpiresAt\":null}]")]
    [InlineData("tokens.json", "\0\0")]
    [InlineData("tokens.json", "{}")]
    [InlineData("tokens.json", "[{\"Name\":\"x\"}]")]
    public void A_damaged_list_is_named_and_not_taken_for_an_empty_one(string file, string text)
    {
        File.WriteAllText(At(file), text);
        File.SetUnixFileMode(At(file), OwnerOnly);
        using var data = Data();
        var error = Assert.Throws<InvalidOperationException>(() =>
        {
            _ = new BanFile(data).Read();
            _ = new ApiTokens(new TokenFile(data), TimeProvider.System);
        });
        Assert.StartsWith($"{At(file)} is damaged, repair or remove it: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 0722)]
    [InlineData("", 0720)]
    [InlineData("keys", 0770)]
    [InlineData("keys/key-1.xml", 0640)]
    [InlineData("bans.json", 0620)]
    [InlineData("tokens.json", 0604)]
    [InlineData("sessions", 0640)]
    [InlineData("lock", 0622)]
    [InlineData("audit.jsonl", 0642)]
    [InlineData("audit-20260101000000.jsonl", 0660)]
    public async Task What_others_could_change_or_what_is_not_ours_is_named(string name, int decimalMode)
    {
        Directory.CreateDirectory(At("keys"), OwnerOnly | UnixFileMode.UserExecute);
        if (Path.GetFileName(name).Contains('.', StringComparison.Ordinal) || name is "sessions" or "lock")
        {
            await File.WriteAllTextAsync(At(name), "");
            File.SetUnixFileMode(At(name), OwnerOnly);
        }

        Check(); // good
        var path = Path.TrimEndingDirectorySeparator(At(name));
        var before = File.GetUnixFileMode(path);
        File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(decimalMode.ToString(CultureInfo.InvariantCulture), 8));
        Assert.StartsWith($"{path}: has the mode 0{decimalMode}, ", Refused(), StringComparison.Ordinal);
        File.SetUnixFileMode(path, before);

        await ChangeOwnerAsync(path, "65534");
        Assert.StartsWith($"{path}: belongs to the user 65534; it must belong to ", Refused(), StringComparison.Ordinal);
        await ChangeOwnerAsync(path, "0");
        if (File.Exists(path))
        {
            using var elsewhere = new TemporaryFolder();
            File.Move(path, Path.Combine(elsewhere.Path, "real"));
            File.CreateSymbolicLink(path, Path.Combine(elsewhere.Path, "real"));
            Assert.StartsWith($"{path}: is a link to ", Refused(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_new_file_is_never_written_through_a_link()
    {
        using var elsewhere = new TemporaryFolder();
        var victim = Path.Combine(elsewhere.Path, "victim");
        await File.WriteAllTextAsync(victim, "untouched");
        foreach (var name in (string[])["bans.json.new", "tokens.json.new", "sessions.new"])
        {
            File.CreateSymbolicLink(At(name), victim);
        }

        await using var server = await StartAsync();
        using var session = await AdminSession.SignInAsync(server);
        await session.CreateTokenAsync("robot", "viewer");
        Assert.Equal(
            HttpStatusCode.OK,
            (await session.SendAsync(HttpMethod.Post, "/api/v1/bans", new { target = "192.0.2.7", reason = "a test" })).StatusCode);
        Assert.Equal("untouched", await File.ReadAllTextAsync(victim));
        Assert.All((string[])["bans.json", "tokens.json", "sessions"], name => Assert.Null(new FileInfo(At(name)).LinkTarget));
    }

    private static async Task ChangeOwnerAsync(string path, string owner)
    {
        using var chown = Process.Start("chown", [owner, path]);
        await chown.WaitForExitAsync();
        Assert.Equal(0, chown.ExitCode);
    }

    private DataFolder Data() => new(Options.Create(new AdminOptions { DataPath = _folder.Path }));

    private void Check()
    {
        using var data = Data();
        data.CheckFiles();
    }

    private string Refused() => Assert.Throws<InvalidOperationException>(Check).Message;

    private string At(string file) => Path.Combine(_folder.Path, file);

    private Task<ServerProcess> StartAsync() => ConsoleServer.StartAsync($"--NetworkProtocol:Admin:DataPath={_folder.Path}");

    /// <summary>The only line that the program prints when it does not start.</summary>
    private async Task<string> RefusedAsync()
    {
        var (exitCode, output, errors) = await ServerProcess.RunAsync(
            "--NetworkProtocol:Server:Listen=127.0.0.1:0", "--NetworkProtocol:Http:Listen=127.0.0.1:0",
            "--NetworkProtocol:Server:Tls:Mode=Disabled", $"--NetworkProtocol:Admin:DataPath={_folder.Path}");
        Assert.Equal((1, ""), (exitCode, output));
        return Assert.Single(errors.TrimEnd('\n').Split('\n'));
    }
}
