using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Integration.Tests.Operations;

/// <summary>The port for an ACME authority's challenges: the requests that it answers and refuses.</summary>
public sealed class ChallengeTests : IDisposable
{
    private const string Token = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0";
    private const string Answer = Token + ".9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI";
    private const string Prefix = "/.well-known/acme-challenge/";

    private readonly DirectoryInfo _webroot = Directory.CreateTempSubdirectory("webroot-");
    private readonly int _port = FreePort.Take();

    [Fact]
    public async Task A_token_is_answered_there_and_nothing_else_is()
    {
        await FillAsync();
        await using var server = await ServerProcess.StartAsync(
            "--NetworkProtocol:Server:Tls:Mode=Disabled", $"--NetworkProtocol:Http:ChallengeListen=127.0.0.1:{_port}",
            $"--NetworkProtocol:Http:ChallengePath={_webroot.FullName}");
        var found = await GetAsync(Prefix + Token);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", found, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: text/plain\r\n", found, StringComparison.Ordinal);
        Assert.EndsWith($"\r\n\r\n{Answer}", found, StringComparison.Ordinal);

        foreach (var path in Hidden())
        {
            var answer = await GetAsync(path);
            Assert.True(
                answer.StartsWith("HTTP/1.1 404 ", StringComparison.Ordinal)
                    || answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal), $"{path}\n{answer}");
            Assert.DoesNotContain("secret", answer, StringComparison.Ordinal);
        }

        Assert.StartsWith("HTTP/1.1 404 ", await GetAsync(Prefix + Token, "POST"), StringComparison.Ordinal);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Http };
        using var ordinary = await http.GetAsync(Prefix + Token); // the console's port has no challenges
        Assert.NotEqual(HttpStatusCode.OK, ordinary.StatusCode);
    }

    [Fact]
    public async Task A_missing_folder_is_an_error_of_the_configuration()
    {
        var (exitCode, _, errors) = await ServerProcess.RunAsync(
            "--check-config", "--NetworkProtocol:Server:Tls:Mode=Disabled", "--NetworkProtocol:Http:ChallengeListen=127.0.0.1:80",
            $"--NetworkProtocol:Http:ChallengePath={_webroot.FullName}/missing");
        Assert.Equal(1, exitCode);
        Assert.Contains("must be an existing folder, certbot's webroot", errors, StringComparison.Ordinal);
    }

    public void Dispose() => _webroot.Delete(recursive: true);

    private async Task FillAsync()
    {
        var folder = _webroot.CreateSubdirectory(Prefix[1..]).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, Token), Answer);
        await File.WriteAllTextAsync(Path.Combine(_webroot.FullName, "secret"), "secret");
        File.CreateSymbolicLink(Path.Combine(folder, "link"), Path.Combine(_webroot.FullName, "secret"));
    }

    private static IEnumerable<string> Hidden() =>
    [
        "/", "/health", "/ready", "/in-service", "/metrics", "/login", "/api/v1/status",
        "/app.css", "/.well-known/acme-challenge", Prefix, $"{Prefix}unknown",
        $"{Prefix}../../secret", $"{Prefix}..%2f..%2fsecret",
        $"{Prefix}%2e%2e/%2e%2e/secret", $"{Prefix}..\\..\\secret", $"{Prefix}/etc/passwd",
        $"{Prefix}link", $"{Prefix}{Token}/", $"{Prefix}{Token}%00", $"/other/..{Prefix}../../secret",
    ];

    // Without HttpClient, which would normalise the path.
    private async Task<string> GetAsync(string path, string method = "GET")
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        return await new StreamReader(stream).ReadToEndAsync();
    }
}
