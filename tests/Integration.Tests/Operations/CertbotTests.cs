using System.Diagnostics;
using Xunit.Abstractions;

namespace Integration.Tests.Operations;

/// <summary>The real certbot and the test authority pebble. The tests run alone, because they measure times.</summary>
[Collection(nameof(Alone))]
public sealed class CertbotTests(ITestOutputHelper output) : IDisposable
{
    private const int Clients = 20;
    private const string Expiry = "certificate_expires_timestamp_seconds{name=\"server\"}";

    private static readonly TimeSpan LongestUntilServed = TimeSpan.FromSeconds(1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("certbot-");

    [Fact]
    public async Task A_first_issue_and_then_a_renewal_under_load()
    {
        await using var authority = await AcmeAuthority.StartAsync();
        await CertbotAsync(
            authority, reload: "true",
            "certonly", "--standalone", "--http-01-port", $"{authority.ChallengePort}", "--domain", "localhost",
            "--register-unsafely-without-email", "--deploy-hook", Repository.Deploy("certbot/deploy-hook.sh"));

        await using var server = await StartServerAsync(authority);
        using var first = await ServedCertificate.OfAsync(server.Protocol, authority.Root);
        Assert.Equal(Seconds(first.NotAfter), await server.ValueAsync(Expiry));

        await using var bench = await Bench.StartAsync(
            TimeSpan.FromMinutes(2), Clients, $"localhost:{server.Protocol.Port}", "--ca", authority.Root);
        var connections = await server.ValueAsync("connections_total");
        var renewal = CertbotAsync(
            authority, reload: $"kill -HUP {server.Id} && touch {Told}",
            "renew", "--force-renewal", "--no-random-sleep-on-renew", "--webroot", "--webroot-path", Webroot);
        await Eventually.Async(() => Task.FromResult(File.Exists(Told) || renewal.IsCompleted));
        var handshakes = await HandshakesUntilAnotherAsync(server, authority, first.SerialNumber);
        await renewal;

        var result = await bench.StopAsync();
        output.WriteLine($"{result}");
        Assert.True(result.Failed == 0, $"{result}\n{bench.Printed}");
        Assert.InRange(result.Answered, Clients, long.MaxValue);
        Assert.Equal(connections + handshakes, await server.ValueAsync("connections_total")); // no client had to reconnect

        using var second = await ServedCertificate.OfAsync(server.Protocol, authority.Root);
        Assert.NotEqual(Seconds(first.NotAfter), Seconds(second.NotAfter));
        Assert.Equal(Seconds(second.NotAfter), await server.ValueAsync(Expiry));
        Assert.Contains(
            "authenticator = webroot", await File.ReadAllTextAsync(Under("config/renewal/localhost.conf")), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Tls => Under("tls");

    private string Webroot => Under("webroot");

    /// <summary>A file that exists once the hook has told the server.</summary>
    private string Told => Under("told");

    private string Under(string path) => Path.Combine(_folder.FullName, path);

    private async Task CertbotAsync(AcmeAuthority authority, string reload, params string[] arguments)
    {
        Directory.CreateDirectory(Tls);
        Directory.CreateDirectory(Webroot);
        var start = authority.Certbot(_folder, arguments);
        start.Environment["TLS_DIR"] = Tls;
        start.Environment["OWNER"] = $"{Environment.UserName}:";
        start.Environment["RELOAD"] = reload;
        var clock = Stopwatch.StartNew();
        output.WriteLine($"{(await Tool.RunAsync(start)).Good().All}certbot {arguments[0]}: {clock.Elapsed.TotalSeconds:0.0} s");
    }

    private Task<ServerProcess> StartServerAsync(AcmeAuthority authority) => ServerProcess.StartAsync(
        $"--NetworkProtocol:Server:Tls:CertificatePath={Path.Combine(Tls, "fullchain.pem")}",
        $"--NetworkProtocol:Server:Tls:KeyPath={Path.Combine(Tls, "privkey.pem")}",
        $"--NetworkProtocol:Http:ChallengeListen=127.0.0.1:{authority.ChallengePort}", $"--NetworkProtocol:Http:ChallengePath={Webroot}");

    /// <summary>Opens new connections until the server sends another certificate than before. Returns the number of connections.</summary>
    private async Task<int> HandshakesUntilAnotherAsync(ServerProcess server, AcmeAuthority authority, string serial)
    {
        var handshakes = 0;
        await Eventually.Async(async () =>
        {
            handshakes++;
            using var served = await ServedCertificate.OfAsync(server.Protocol, authority.Root);
            return served.SerialNumber != serial;
        });
        var elapsed = TimeProvider.System.GetUtcNow() - File.GetLastWriteTimeUtc(Told);
        output.WriteLine($"The new certificate was served {elapsed.TotalMilliseconds:0} ms after the signal at the latest.");
        Assert.InRange(elapsed, TimeSpan.Zero, LongestUntilServed);
        return handshakes;
    }

    private static double Seconds(DateTime time) => new DateTimeOffset(time).ToUnixTimeSeconds();
}
