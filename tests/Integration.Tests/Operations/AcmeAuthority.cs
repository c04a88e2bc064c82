using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Integration.Tests.Operations;

/// <summary>The test authority pebble with a name server that answers 127.0.0.1 for every name, both on loopback.</summary>
internal sealed class AcmeAuthority : IAsyncDisposable
{
    private static readonly string[] ProxyVariables = ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

    private readonly CertificateFiles _files = CertificateFiles.Create();
    private readonly List<Background> _programs = [];
    private readonly int _port = FreePort.Take();
    private readonly int _managementPort = FreePort.Take();

    private AcmeAuthority()
    {
    }

    /// <summary>The port where the authority fetches the answer to its challenge, in place of port 80.</summary>
    public int ChallengePort { get; } = FreePort.Take();

    /// <summary>The root of the issued certificates, as a PEM file.</summary>
    public string Root => Path.Combine(_files.Folder, "root.pem");

    public static async Task<AcmeAuthority> StartAsync()
    {
        var authority = new AcmeAuthority();
        try
        {
            await authority.StartProgramsAsync();
            return authority;
        }
        catch
        {
            await authority.DisposeAsync();
            throw;
        }
    }

    /// <summary>certbot, for this authority, with all its files in a folder.</summary>
    public ProcessStartInfo Certbot(DirectoryInfo folder, params string[] arguments)
    {
        var start = WithoutProxy(new ProcessStartInfo("certbot",
        [
            .. arguments, "--config", Repository.Deploy("certbot/cli.ini"),
            "--non-interactive", "--server", $"https://127.0.0.1:{_port}/dir",
            "--config-dir", Path.Combine(folder.FullName, "config"), "--work-dir", Path.Combine(folder.FullName, "work"),
            "--logs-dir", Path.Combine(folder.FullName, "logs"),
        ]));
        start.Environment["REQUESTS_CA_BUNDLE"] = _files.Authority;
        return start;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var program in _programs)
        {
            await program.DisposeAsync();
        }

        _files.Dispose();
    }

    private async Task StartProgramsAsync()
    {
        var nameServer = $"127.0.0.1:{FreePort.Take()}";
        _programs.Add(Background.Start(
            "pebble-challtestsrv", "-defaultIPv6", "", "-dns01", nameServer, "-http01", "", "-https01", "", "-tlsalpn01", "",
            "-management", $"127.0.0.1:{FreePort.Take()}"));
        var configuration = Path.Combine(_files.Folder, "pebble.json");
        await File.WriteAllTextAsync(configuration, $$"""
            { "pebble": {
                "listenAddress": "127.0.0.1:{{_port}}", "managementListenAddress": "127.0.0.1:{{_managementPort}}",
                "certificate": "{{_files.Certificate}}", "privateKey": "{{_files.Key}}",
                "httpPort": {{ChallengePort}}, "tlsPort": {{FreePort.Take()}} } }
            """);
        var pebble = WithoutProxy(new ProcessStartInfo("pebble", ["-config", configuration, "-dnsserver", nameServer]));
        pebble.Environment["PEBBLE_VA_NOSLEEP"] = "1";
        pebble.Environment["PEBBLE_AUTHZREUSE"] = "0"; // each renewal gets its own challenge
        _programs.Add(Background.Start(pebble));
        await FetchRootAsync();
    }

    private async Task FetchRootAsync()
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { _files.AuthorityCertificate },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        using var http = new HttpClient(handler);
        await Eventually.Async(async () =>
        {
            try
            {
                await File.WriteAllTextAsync(Root, await http.GetStringAsync($"https://127.0.0.1:{_managementPort}/roots/0"));
                return true;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, () => string.Join('\n', _programs.Select(program => program.Printed)));
    }

    private static ProcessStartInfo WithoutProxy(ProcessStartInfo start)
    {
        foreach (var variable in ProxyVariables)
        {
            start.Environment.Remove(variable);
        }

        return start;
    }
}
