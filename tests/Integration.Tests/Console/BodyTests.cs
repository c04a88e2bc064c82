using System.Net.Sockets;
using System.Text;

namespace Integration.Tests.Console;

/// <summary>The server checks a stranger's body before it reads it. The body fills neither disk nor memory.</summary>
public sealed class BodyTests : IDisposable
{
    private const int Strangers = 20;

    /// <summary>The pause between two parts of a slow body.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task A_body_is_judged_by_its_type_and_its_size_before_it_is_read_and_nothing_goes_to_the_disk()
    {
        await using var server = await ServerProcess.StartAsync(
            start =>
                (start.Environment["TMPDIR"], start.Environment["ASPNETCORE_TEMP"], start.Environment["DOTNET_EnableDiagnostics"]) =
                    (_temporary.Path, _temporary.Path, "0"),
            "--NetworkProtocol:Server:Tls:Mode=Disabled", $"--NetworkProtocol:Admin:Password={ConsoleServer.Hash}");
        foreach (var (request, headers, status) in ((string, string, int)[])
        [
            ("POST /sign-in", "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 29000000", 415),
            ("POST /sign-in", "Content-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked", 415),
            ("POST /sign-in/link", "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 29000000", 415),
            ("POST /sign-out", "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 29000000", 415),
            ("POST /", "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 29000000", 415),
            ("POST /api/v1/bans", "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 29000000", 415),
            ("POST /api/v1/bans", "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100", 415),
            ("POST /sign-in", "Content-Type: text/plain\r\nContent-Length: 100", 415),
            ("POST /sign-in", "Content-Length: 100", 415),
            ("POST /sign-in", "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 8193", 413),
            ("POST /signin-oidc", "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 29000000", 413),
            ("POST /api/v1/bans", "Content-Type: application/json\r\nContent-Length: 65537", 413),
        ])
        {
            var strangers = await Task.WhenAll(Enumerable.Range(0, request == "POST /sign-in" ? Strangers : 1)
                .Select(_ => ConnectAsync(server)));
            var part = Encoding.ASCII.GetBytes(
                "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n" + new string('x', 50_000));
            foreach (var stranger in strangers)
            {
                await stranger.GetStream()
                    .WriteAsync(Encoding.ASCII.GetBytes($"{request} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n"));
                await stranger.GetStream().WriteAsync(part);
            }

            foreach (var stranger in strangers)
            {
                Assert.Equal((request, headers, $"HTTP/1.1 {status}"), (request, headers, await StatusAsync(stranger)));
            }

            Assert.Empty(Directory.GetFiles(_temporary.Path, "*", SearchOption.AllDirectories));
            Array.ForEach(strangers, stranger => stranger.Dispose());
        }
    }

    [Theory]
    [InlineData("POST /sign-in", "application/x-www-form-urlencoded", 9_000)]
    [InlineData("POST /api/v1/bans", "application/json", 70_000)]
    public async Task A_body_that_does_not_say_its_size_is_refused_at_the_limit(string request, string type, int length)
    {
        await using var server = await ConsoleServer.StartAsync($"--NetworkProtocol:Admin:Password={ConsoleServer.Hash}");
        using var stranger = await ConnectAsync(server);
        await stranger.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"{request} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nTransfer-Encoding: chunked\r\n\r\n"
                + $"{length:x}\r\n{new string('x', length)}\r\n"));
        Assert.Matches("^HTTP/1.1 4", await StatusAsync(stranger)); // the server does not wait for the end of the body
    }

    [Fact]
    public async Task A_body_that_trickles_in_is_cut_off_at_its_deadline()
    {
        await using var server = await ConsoleServer.StartAsync($"--NetworkProtocol:Admin:Password={ConsoleServer.Hash}");
        using var stranger = await ConnectAsync(server);
        await stranger.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            "POST /sign-in HTTP/1.1\r\nHost: localhost\r\n"
                + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 8000\r\n\r\n"));
        var status = StatusAsync(stranger);
        var sent = 0;
        try
        {
            while (sent < 8_000 && !status.IsCompleted) // above the framework's minimum rate, far below ours
            {
                await stranger.GetStream().WriteAsync(new byte[100]);
                sent += 100;
                await Task.WhenAny(status, status.WaitAsync(Pause));
            }
        }
        catch (IOException)
        {
            // The server closed the connection during the write.
        }

        Assert.InRange(sent, 100, 7_000);
    }

    private static async Task<TcpClient> ConnectAsync(ServerProcess server)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Http.Host, server.Http.Port);
        return client;
    }

    private static async Task<string?> StatusAsync(TcpClient client)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var reader = new StreamReader(client.GetStream(), leaveOpen: true);
        return (await reader.ReadLineAsync(deadline.Token))?[..12];
    }
}
