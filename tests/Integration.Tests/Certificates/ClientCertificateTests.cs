using System.Net.Security;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;

namespace Integration.Tests.Certificates;

/// <summary>The client certificates that the server refuses, and the reasons that it reports.</summary>
[Trait("Needs", "Program")]
public sealed class ClientCertificateTests : IDisposable
{
    private readonly ServerFiles _files = new();

    public static TheoryData<string, string> Refused => new()
    {
        { "none", "The client sent no certificate, although one is required." },
        { "a server's", "CN=sensor is not for TLS clients: its extended key usage lacks clientAuth" },
        { "expired", "CN=sensor has expired on " },
        { "too early", "CN=sensor is not valid before " },
        { "a stranger's", "CN=sensor is refused: the issuer of CN=sensor, CN=stranger, is neither known nor sent along." },
        { "self-signed", "CN=sensor is refused: CN=sensor is not trusted." },
        { "a stranger's root sent along", "CN=stranger is not trusted." },
        { "by no authority", "CN=other may not sign such a certificate: it is no authority" },
    };

    public static TheoryData<string> Versions => new("-tls1_2", "-tls1_3");

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_refused_client_has_its_reason_in_the_list_in_the_errors_and_on_the_connection(string what, string reason)
    {
        await using var server = await StartAsync(_files.Root);
        await OpenSsl.ConnectAsync(server.EndPoint, ["-tls1_3", .. Shown(what)]);
        var closed = await server.FirstClosedAsync();
        Assert.Equal(CloseReason.ClientCertificateRefused, closed.Reason);
        Assert.Contains(reason, closed.LastError, StringComparison.Ordinal);
        var error = Assert.Single(server.Services.GetRequiredService<ErrorLog>().Recent);
        Assert.Equal(("client_certificate_refused", closed.LastError), (error.Kind, error.Text));
        Assert.Equal(1, server.Services.GetRequiredService<ServerMetrics>().Read().HandshakesRefused);
    }

    [Fact]
    public async Task The_log_of_the_real_program_names_a_refused_client_and_the_reason()
    {
        await File.WriteAllTextAsync(_files.ClientCa, _files.Root.Pem);
        await using var server = await ServerProcess.StartAsync(
            [
                .. _files.Arguments(), "--NetworkProtocol:Server:Tls:ClientCertificates=Required",
                $"--NetworkProtocol:Server:Tls:ClientCaPath={_files.ClientCa}",
                "--Serilog:MinimumLevel:Default=Debug"]);
        var refused = Refused.Select(row => ((string)row[0], (string)row[1])).ToArray();
        foreach (var (what, _) in refused)
        {
            await OpenSsl.ConnectAsync(server.Protocol, ["-tls1_3", .. Shown(what)]);
        }

        await server.SignalAsync("TERM");
        Assert.Equal(0, await server.WaitForExitAsync());
        var lines = server.Output.Split('\n');
        Assert.All(refused, one => Assert.Single(
            lines,
            line => line.Contains(" from 127.0.0.1:", StringComparison.Ordinal) && line.Contains(one.Item2, StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_refused_client_is_told_the_end_and_hears_nothing_else(string version)
    {
        await using var server = await StartAsync(_files.Root);
        foreach (var what in new[] { "none", "a server's", "expired" })
        {
            var said = await OpenSsl.ConnectAsync(server.EndPoint, [version, "-ign_eof", .. Shown(what)]);
            Assert.DoesNotContain("unexpected eof", said, StringComparison.Ordinal);
            Assert.Contains("closed", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_a_refused_client_sends_is_not_served()
    {
        await using var server = await StartAsync(_files.Root);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.EndPoint);
        await using var tls = new SslStream(new NetworkStream(socket));
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = _files.ClientPolicy() });
        await tls.WriteAsync(WireClient.Packet([0, 0, 0, 0]));
        Assert.Equal(0, await tls.ReadAsync(new byte[100])); // close_notify, and no Pong
        Assert.Equal(0, (await server.FirstClosedAsync()).MessagesReceived);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task An_issuing_authority_is_enough_and_its_limits_hold(string version)
    {
        var issuing = _files.Root.Intermediate("issuing", new Wish { IsAuthority = true, PathLength = 0 });
        await using var server = await StartAsync(issuing);
        var (good, below) = (issuing.Client("good"), issuing.Intermediate("below"));
        await using (var welcome = await StartedAsync(server, version, good))
        {
            await using var withChain = await StartedAsync(server, version, good, issuing, _files.Root);
        }

        await RefusedAsync(server, version, "its path length allows none below", below.Client("deep"), below);
        await RefusedAsync(server, version, "the issuer of CN=aunt", _files.Root.Client("aunt"));
        await RefusedAsync(server, version, "is not for TLS clients", issuing.Server());
    }

    [Fact]
    public async Task An_issuing_authority_that_has_expired_is_no_anchor()
    {
        var issuing = _files.Root.Intermediate("issuing", new Wish { IsAuthority = true, DaysTo = -1 });
        await using var server = await StartAsync(issuing);
        await RefusedAsync(server, "-tls1_3", "is refused", issuing.Client("late"));
    }

    [Fact]
    public async Task The_client_trusts_a_server_by_its_issuing_authority_alone_or_by_itself_and_by_no_other()
    {
        await using var server = await TestServer.StartAsync(_files.Settings());
        var stranger = _files.Root.Intermediate("stranger");
        foreach (var (trusted, isGood)
            in new[] { (_files.Intermediate, true), (_files.Good, true), (_files.Root, true), (stranger, false) })
        {
            await File.WriteAllTextAsync(_files.Under("trusted.pem"), trusted.Pem);
            var (exitCode, output, errors) = await NetprotoProcess.RunAsync(
                "echo", $"localhost:{server.EndPoint.Port}", "hello", "--ca", _files.Under("trusted.pem"));
            Assert.Equal(isGood ? (0, "hello\n") : (1, ""), (exitCode, output));
            Assert.Equal(!isGood, errors.Contains("the server's certificate was not accepted", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_client_listed_itself_is_accepted_and_makes_no_other()
    {
        var listed = _files.Root.Client("listed");
        await using var server = await StartAsync(listed);
        await using (await StartedAsync(server, "-tls1_3", listed))
        {
        }

        await RefusedAsync(server, "-tls1_3", "CN=listed", listed.Client("friend"), listed);
    }

    private async Task<TestServer> StartAsync(Issued authority)
    {
        await File.WriteAllTextAsync(_files.ClientCa, authority.Pem);
        return await TestServer.StartAsync(_files.Settings(("Tls:ClientCertificates", "Required"), ("Tls:ClientCaPath", _files.ClientCa)));
    }

    private string[] Shown(string what)
    {
        var stranger = Issued.Root("stranger");
        var other = _files.Root.Intermediate("other", new Wish());
        return what switch
        {
            "none" => [],
            "a server's" => Files(_files.Root.Client("sensor", new Wish { Use = Issued.ServerUse })),
            "expired" => Files(_files.Root.Client("sensor", new Wish { DaysTo = -1 })),
            "too early" => Files(_files.Root.Client("sensor", new Wish { DaysFrom = 1 })),
            "a stranger's" => Files(stranger.Client("sensor")),
            "self-signed" => Files(Issued.Root("sensor", new Wish { Use = Issued.ClientUse })),
            "a stranger's root sent along" => Files(stranger.Client("sensor"), stranger),
            "by no authority" => Files(other.Client("sensor"), other),
            _ => throw new ArgumentOutOfRangeException(nameof(what), what, "no such certificate"),
        };
    }

    private string[] Files(params Issued[] chain)
    {
        var (certificate, key, rest) = (_files.Under("client.crt"), _files.Under("client.key"), _files.Under("client-chain.crt"));
        File.WriteAllText(certificate, chain[0].Pem);
        File.WriteAllText(key, chain[0].KeyPem);
        File.WriteAllText(rest, string.Concat(chain.Skip(1).Select(issued => issued.Pem)));
        return chain.Length > 1 ? ["-cert", certificate, "-key", key, "-cert_chain", rest] : ["-cert", certificate, "-key", key];
    }

    /// <summary>Opens a connection and checks that the server answers its Ping.</summary>
    private async Task<SslStream> StartedAsync(TestServer server, string version, params Issued[] chain)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.EndPoint);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            CertificateChainPolicy = _files.ClientPolicy(),
            EnabledSslProtocols = version == "-tls1_2"
                ? System.Security.Authentication.SslProtocols.Tls12
                : System.Security.Authentication.SslProtocols.Tls13,
            ClientCertificateContext = NetworkProtocol.Certificates.ExactChain.Create(
                chain[0].WithKey(), chain.Skip(1).Select(issued => issued.Certificate)),
        });
        await tls.WriteAsync(WireClient.Packet([0, 0, 0, 0]));
        Assert.NotEqual(0, await tls.ReadAsync(new byte[100]));
        return tls;
    }

    private async Task RefusedAsync(TestServer server, string version, string reason, params Issued[] chain)
    {
        await OpenSsl.ConnectAsync(server.EndPoint, [version, .. Files(chain)]);
        var errors = server.Services.GetRequiredService<ErrorLog>();
        await Operations.Eventually.Async(
            () => Task.FromResult(errors.Recent.Any(error => error.Text.Contains(reason, StringComparison.Ordinal))));
    }
}
