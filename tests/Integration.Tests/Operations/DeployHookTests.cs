using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Integration.Tests.Operations;

/// <summary>The deploy hook with good and bad certificates and keys, in a folder in place of <c>/etc/network-protocol/tls</c>.</summary>
public sealed class DeployHookTests : IDisposable
{
    private const string Successful = "certificate_last_reload_successful{name=\"server\"}";

    private const int RenamesOfAFirstTime = 5;
    private const int Killed = 128 + 9;

    private readonly CertificateFiles _files = CertificateFiles.Create();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hook-");

    [Fact]
    public async Task A_pair_put_there_by_hand_is_replaced_and_kept_as_the_previous_one()
    {
        var byHand = Pair("by-hand");
        Directory.CreateDirectory(Tls);
        Copy(byHand, Tls);
        var second = Pair("second");
        (await HookAsync(second)).Good();
        Assert.Equal((Text(second), Text(byHand)), (Text(Tls), Text(Path.Combine(Tls, "previous"))));
        Assert.Equal("current/privkey.pem", new FileInfo(Path.Combine(Tls, "privkey.pem")).LinkTarget);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead,
            File.GetUnixFileMode(Path.Combine(Tls, "privkey.pem")));

        (await HookAsync(second)).Good();
        Assert.Equal(Text(byHand), Text(Path.Combine(Tls, "previous")));
        var third = Pair("third");
        (await HookAsync(third)).Good();
        Assert.Equal((Text(third), Text(second)), (Text(Tls), Text(Path.Combine(Tls, "previous"))));
        Assert.Equal(2, Directory.GetDirectories(Tls, "pair.*").Length);
    }

    [Fact]
    public async Task A_hook_that_is_killed_before_any_of_its_renames_leaves_a_pair_that_belongs_together()
    {
        string[] pairs = [Pair("by-hand"), Pair("new")];
        for (var rename = 1; rename <= RenamesOfAFirstTime; rename++)
        {
            Directory.CreateDirectory(Tls);
            Copy(pairs[0], Tls);
            Assert.Equal(Killed, (await HookAsync(pairs[1], path: DeadlyRename(rename))).ExitCode);
            Assert.Contains(Text(Tls), pairs.Select(Text));

            if (rename == RenamesOfAFirstTime)
            {
                Assert.Equal(Text(pairs[0]), Text(Tls)); // only the last of the renames matters
                (await HookAsync(pairs[1])).Good();
                Assert.Equal((Text(pairs[1]), Text(pairs[0])), (Text(Tls), Text(Path.Combine(Tls, "previous"))));
                Assert.Equal(2, Directory.GetDirectories(Tls, "pair.*").Length);
            }

            Directory.Delete(Tls, recursive: true);
        }
    }

    [Theory]
    [InlineData("another key", "the key does not belong to the first certificate")]
    [InlineData("no key", "privkey.pem cannot be read")]
    [InlineData("half a certificate", "holds no certificate that can be read")]
    [InlineData("half a chain", "holds no certificate that can be read")]
    [InlineData("garbage for a key", "holds no key that can be read")]
    [InlineData("the authority first", "the key does not belong to the first certificate")]
    [InlineData("expired", "has expired")]
    public async Task A_broken_pair_changes_nothing(string fault, string complaint)
    {
        var good = Pair("good");
        Directory.CreateDirectory(Tls);
        Copy(good, Tls);
        var before = Directory.GetFileSystemEntries(Tls);
        var broken = Pair("broken");
        await BreakAsync(broken, fault);

        var result = await HookAsync(broken);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(complaint, result.Errors, StringComparison.Ordinal);
        Assert.Contains("nothing was changed", result.Errors, StringComparison.Ordinal);
        Assert.Equal(Text(good), Text(Tls));
        Assert.Equal(before.Order(), Directory.GetFileSystemEntries(Tls).Order());
        Assert.False(File.Exists(Path.Combine(_folder.FullName, "reloads")));
    }

    [Fact]
    public async Task A_pair_that_the_server_would_refuse_changes_nothing()
    {
        var program = ServerProgram();
        var good = Pair("good");
        (await HookAsync(good, program: program)).Good();
        var before = Directory.GetFileSystemEntries(Tls);
        var weak = _folder.CreateSubdirectory("weak").FullName;
        (await Tool.RunAsync(
            "openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-days", "9", "-subj", "/CN=localhost",
            "-keyout", Path.Combine(weak, "privkey.pem"), "-out", Path.Combine(weak, "fullchain.pem"))).Good();

        var result = await HookAsync(weak, program: program);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"{weak}/fullchain.pem: must have an RSA key of 2048 bits or more", result.Errors, StringComparison.Ordinal);
        Assert.Contains("nothing was changed", result.Errors, StringComparison.Ordinal);
        Assert.Equal(Text(good), Text(Tls));
        Assert.Equal(before.Order(), Directory.GetFileSystemEntries(Tls).Order());
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(_folder.FullName, "reloads")));
    }

    [Fact]
    public async Task A_reload_that_fails_is_told()
    {
        var pair = Pair("pair");
        var result = await HookAsync(pair, reload: "false");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("installed, but this failed: false", result.Errors, StringComparison.Ordinal);
        Assert.Equal(Text(pair), Text(Tls));
        Assert.Equal(2, (await HookAsync("")).ExitCode);
    }

    [Fact]
    public async Task Prometheus_is_told_of_each_run_however_it_ends()
    {
        async Task<string> ToldAsync()
        {
            var text = await File.ReadAllTextAsync(Metrics);
            Assert.Empty((await Tool.RunAsync(new ProcessStartInfo("promtool", ["check", "metrics"]), text)).Good().All);
            Assert.Equal(UnixFileMode.OtherRead, File.GetUnixFileMode(Metrics) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite));
            Assert.False(File.Exists(Metrics + ".partial"));
            return text.TrimEnd('\n').Split('\n')[^1];
        }

        var (good, broken) = (Pair("good"), Pair("broken"));
        await BreakAsync(broken, "another key");
        Assert.Equal(1, (await HookAsync(broken)).ExitCode);
        Assert.Equal("netproto_certificate_hook_successful 0", await ToldAsync());
        (await HookAsync(good)).Good();
        Assert.Equal("netproto_certificate_hook_successful 1", await ToldAsync());
        Assert.Equal(1, (await HookAsync(good, reload: "false")).ExitCode);
        Assert.Equal("netproto_certificate_hook_successful 0", await ToldAsync());
        (await HookAsync(good)).Good();
        Assert.Equal("netproto_certificate_hook_successful 1", await ToldAsync());
        Assert.Equal(2, (await HookAsync("")).ExitCode); // with wrong usage the hook does nothing
        Assert.Equal("netproto_certificate_hook_successful 1", await ToldAsync());
    }

    [Fact]
    public async Task What_is_broken_past_the_hook_is_not_served_and_shows_in_the_metrics()
    {
        (await HookAsync(Pair("good"))).Good();
        await using var server = await ServerProcess.StartAsync(
            $"--NetworkProtocol:Server:Tls:CertificatePath={Path.Combine(Tls, "fullchain.pem")}",
            $"--NetworkProtocol:Server:Tls:KeyPath={Path.Combine(Tls, "privkey.pem")}");
        using var good = await ServedCertificate.OfAsync(server.Protocol, _files.Authority);
        Assert.Equal(1, await server.ValueAsync(Successful));

        await File.WriteAllTextAsync(Path.Combine(Tls, "privkey.pem"), Text(Pair("other")).Key);
        await server.SignalAsync("HUP");
        await Eventually.Async(async () => await server.ValueAsync(Successful) == 0);
        using var still = await ServedCertificate.OfAsync(server.Protocol, _files.Authority);
        Assert.Equal(good.SerialNumber, still.SerialNumber);

        (await HookAsync(Pair("next"), reload: $"kill -HUP {server.Id}")).Good();
        await Eventually.Async(async () => await server.ValueAsync(Successful) == 1);
        using var next = await ServedCertificate.OfAsync(server.Protocol, _files.Authority);
        Assert.NotEqual(good.SerialNumber, next.SerialNumber);
    }

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _files.Dispose();
    }

    private string Metrics => Path.Combine(_folder.FullName, "certificate.prom");

    private string Tls => Path.Combine(_folder.FullName, "tls");

    private static (string Certificate, string Key) Text(string folder) =>
        (File.ReadAllText(Path.Combine(folder, "fullchain.pem")), File.ReadAllText(Path.Combine(folder, "privkey.pem")));

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    /// <summary>Makes a folder with a new certificate and key, as certbot does.</summary>
    private string Pair(string name)
    {
        _files.WriteServer();
        var folder = _folder.CreateSubdirectory(name).FullName;
        File.Copy(_files.Certificate, Path.Combine(folder, "fullchain.pem"));
        File.Copy(_files.Key, Path.Combine(folder, "privkey.pem"));
        return folder;
    }

    private Task<ToolResult> HookAsync(string pair, string? reload = null, string? path = null, string program = "/nowhere")
    {
        Directory.CreateDirectory(Tls);
        var start = new ProcessStartInfo(Repository.Deploy("certbot/deploy-hook.sh"));
        start.Environment["RENEWED_LINEAGE"] = pair;
        start.Environment["TLS_DIR"] = Tls;
        start.Environment["METRICS"] = Metrics;
        start.Environment["PROGRAM"] = program;
        start.Environment["OWNER"] = $"{Environment.UserName}:";
        start.Environment["RELOAD"] = reload ?? $"echo reload >>{_folder.FullName}/reloads";
        start.Environment["PATH"] = $"{path}:{Environment.GetEnvironmentVariable("PATH")}".TrimStart(':');
        return Tool.RunAsync(start);
    }

    /// <summary>The server's program as one file, as in an installation.</summary>
    private string ServerProgram()
    {
        var file = Path.Combine(_folder.FullName, "NetworkProtocol.Web");
        File.WriteAllText(file, $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "NetworkProtocol.Web.dll")}' \"$@\"\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return file;
    }

    /// <summary>Makes a folder for PATH with an <c>mv</c> that kills its caller in place of the n-th rename.</summary>
    private string DeadlyRename(int rename)
    {
        var folder = _folder.CreateSubdirectory($"die-at-{rename}").FullName;
        var mv = Path.Combine(folder, "mv");
        File.WriteAllText(mv, $$"""
            #!/bin/sh
            echo rename >>{{folder}}/renames
            [ "$(wc -l <{{folder}}/renames)" -lt {{rename}} ] || { kill -9 $PPID; exit 1; }
            exec /bin/mv "$@"
            """);
        File.SetUnixFileMode(mv, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return folder;
    }

    private static string Expired(string pem)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(pem);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(now.AddDays(-90), now.AddSeconds(-1));
        return certificate.ExportCertificatePem();
    }

    private async Task BreakAsync(string pair, string fault)
    {
        var (certificates, key) = (Path.Combine(pair, "fullchain.pem"), Path.Combine(pair, "privkey.pem"));
        var text = Text(pair).Certificate;
        switch (fault)
        {
            case "another key": await File.WriteAllTextAsync(key, Text(Pair("other")).Key); break;
            case "no key": File.Delete(key); break;
            case "half a certificate": await File.WriteAllTextAsync(certificates, text[..200]); break;
            case "half a chain": await File.WriteAllTextAsync(certificates, text[..^200]); break;
            case "garbage for a key": await File.WriteAllTextAsync(key, "garbage"); break;
            case "the authority first":
                await File.WriteAllTextAsync(certificates, await File.ReadAllTextAsync(_files.Authority) + "\n" + text); break;
            case "expired": await File.WriteAllTextAsync(certificates, Expired(Text(pair).Key)); break;
            default: throw new ArgumentOutOfRangeException(nameof(fault), fault, "no such fault");
        }
    }
}
