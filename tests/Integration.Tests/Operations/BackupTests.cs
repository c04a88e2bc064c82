using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace Integration.Tests.Operations;

/// <summary>Backup, loss, restore and start, with the real programs; and all that can be wrong with a backup.</summary>
public sealed class BackupTests
{
    [Fact]
    public async Task A_server_that_lost_everything_starts_as_it_was()
    {
        using var saved = await SavedServer.CreateAsync();
        string token, serial, backup;
        await using (var server = await saved.StartAsync())
        {
            using var session = await AdminSession.SignInAsync(server);
            token = await session.CreateTokenAsync("tester", "operator");
            using var ban = await session.SendAsync(HttpMethod.Post, "/api/v1/bans", new { target = "192.0.2.7", reason = "a test" });
            Assert.Equal(HttpStatusCode.OK, ban.StatusCode);
            serial = await SerialAsync(saved, server);
            backup = await saved.BackUpAsync(); // of a server that runs
            await server.SignalAsync("KILL");
        }

        var before = Hashes(saved);
        Directory.Delete(saved.Configuration, recursive: true);
        Directory.Delete(saved.State, recursive: true);
        await SavedServer.FailAsync(
            2, $"say --target configuration={saved.Configuration}", "restore", backup, "--identity-file", saved.Key);
        await SavedServer.RunAsync(
            "restore", backup, "--identity-file", saved.Key,
            "--target", $"configuration={saved.Configuration}", "--target", $"state={saved.State}");
        Assert.Equal(before, Hashes(saved)); // the audit log, too

        await using var restored = await saved.StartAsync();
        Assert.Equal(serial, await SerialAsync(saved, restored));
        using var http = new HttpClient { BaseAddress = restored.Http };
        Assert.Contains(
            $"\nconnections_limit {SavedServer.MaxConnections}\n", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        Assert.Contains("192.0.2.7", await http.GetStringAsync("/api/v1/bans"), StringComparison.Ordinal);
        Assert.Contains("192.0.2.7", await http.GetStringAsync("/api/v1/audit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_backup_is_refused_with_the_file_named_and_nothing_written()
    {
        using var saved = await SavedServer.CreateAsync();
        // Random bytes, which gzip cannot make smaller.
        await File.WriteAllBytesAsync(Path.Combine(saved.State, "audit.jsonl"), RandomNumberGenerator.GetBytes(200_000));
        var backup = await saved.BackUpAsync();
        var bytes = await File.ReadAllBytesAsync(backup);
        var damaged = saved.InFolder("damaged.age");
        async Task RefusedAsync(byte[] content, string error)
        {
            await File.WriteAllBytesAsync(damaged, content);
            await saved.FailToRestoreAsync(1, damaged + error, damaged);
        }

        foreach (var (place, error) in new[]
        {
            (100, " is "),
            (150, " is damaged, "),
            (250, " is damaged, at its first file: "),
            (bytes.Length / 2, " is damaged, at state/audit.jsonl: "),
            (bytes.Length - 1, " is damaged, at state/audit.jsonl: "),
        })
        {
            bytes[place] ^= 1;
            await RefusedAsync(bytes, error);
            bytes[place] ^= 1;
        }

        await RefusedAsync(bytes[..^70_000], " is damaged, at state/audit.jsonl: ");
        await RefusedAsync([.. bytes, 0], " is damaged, at state/audit.jsonl: ");
        await RefusedAsync(bytes[..50], " is damaged, or no backup: ");
        Assert.False(Directory.Exists(saved.Restored));
    }

    [Fact]
    public async Task A_wrong_passphrase_or_key_says_so()
    {
        using var saved = await SavedServer.CreateAsync();
        var (right, wrong) = (saved.InFolder("right"), saved.InFolder("wrong"));
        await File.WriteAllTextAsync(right, "correct horse battery staple\n");
        await File.WriteAllTextAsync(wrong, "correct horse battery stable\n");
        await SavedServer.RunAsync(saved.BackupArguments("--passphrase-file", right));
        var backup = saved.OnlyBackup;
        await SavedServer.RunAsync("restore", backup, "--passphrase-file", right, "--into", saved.Restored);
        Assert.True(File.Exists(Path.Combine(saved.Restored, "configuration", "tls", "privkey.pem")));
        await SavedServer.FailAsync(1, "the passphrase is wrong", "restore", backup, "--passphrase-file", wrong, "--verify");
        await SavedServer.FailAsync(2, "was made with a passphrase", "restore", backup, "--identity-file", saved.Key, "--verify");

        var other = saved.InFolder("other.key");
        await SavedServer.RunAsync("backup-key", "--to", other);
        backup = await saved.BackUpAsync();
        await SavedServer.FailAsync(1, "is not for this key", "restore", backup, "--identity-file", other, "--verify");
        await SavedServer.FailAsync(2, "was made for keys", "restore", backup, "--passphrase-file", right, "--verify");
        await SavedServer.FailAsync(1, "exists, and backups may need its key", "backup-key", "--to", other);
    }

    [Fact]
    public async Task Prometheus_is_told_of_a_good_one_alone()
    {
        using var saved = await SavedServer.CreateAsync();
        var metrics = saved.InFolder("backup.prom");
        var started = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var size = new FileInfo(await saved.BackUpAsync("--metrics", metrics)).Length;
        var text = await File.ReadAllTextAsync(metrics);
        Assert.Empty((await Tool.RunAsync(new ProcessStartInfo("promtool", ["check", "metrics"]), text)).Good().All);
        Assert.Contains($"\nnetproto_backup_last_success_size_bytes {size}\n", text, StringComparison.Ordinal);
        var finished = Regex.Match(text, @"(?m)^netproto_backup_last_success_timestamp_seconds (\d+)$").Groups[1].Value;
        Assert.InRange(long.Parse(finished, CultureInfo.InvariantCulture), started, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        Assert.Equal(UnixFileMode.OtherRead, File.GetUnixFileMode(metrics) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite));

        await saved.FailToBackUpAsync(1, "has ended with exit code 1", "--metrics", metrics, "--upload", "false");
        Assert.Equal(text, await File.ReadAllTextAsync(metrics));
        var inTheWay = Directory.CreateDirectory(saved.InFolder("way.prom"));
        await saved.FailToBackUpAsync(1, "is made and verified, but", "--metrics", inTheWay.FullName);
        foreach (var unread in new[] { saved.InFolder("backup.txt"), saved.InFolder("no/backup.prom") })
        {
            await saved.FailToBackUpAsync(2, "must be named *.prom, in a folder that exists", "--metrics", unread);
        }
    }

    [Fact]
    public async Task Nothing_is_overwritten()
    {
        using var saved = await SavedServer.CreateAsync();
        var backup = await saved.BackUpAsync();
        var before = Hashes(saved);
        await saved.FailToRestoreAsync(
            1, $"{saved.Configuration} is not empty", backup, "--target", $"configuration={saved.Configuration}");
        Assert.Equal(before, Hashes(saved));
    }

    private static async Task<string> SerialAsync(SavedServer saved, ServerProcess server)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(server.Protocol);
        await using var tls = new SslStream(socket.GetStream());
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(saved.Authority));
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = policy });
        return tls.RemoteCertificate!.GetSerialNumberString();
    }

    private static string[] Hashes(SavedServer saved) =>
    [
        .. new[] { saved.Configuration, saved.State }
            .SelectMany(folder => Directory.GetFiles(folder, "*", SearchOption.AllDirectories)).Order(StringComparer.Ordinal)
            .Select(file => $"{file} {File.GetUnixFileMode(file)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}"),
    ];
}
