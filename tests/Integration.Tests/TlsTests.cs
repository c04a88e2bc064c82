using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Server.Bans;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Tls;

namespace Integration.Tests;

public sealed class TlsTests : IDisposable
{
    private readonly CertificateFiles _files = CertificateFiles.Create();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("Required")]
    [InlineData("Optional")]
    public async Task Ping_over_TLS(string mode)
    {
        await using var server = await StartAsync(mode);
        await using var tls = await ConnectAsync(server);
        await PingAsync(tls);
    }

    [Fact]
    public async Task Optional_serves_the_secure_handshake_on_the_same_port()
    {
        await using var server = await StartAsync("Optional");
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await client.SendAsync(new Message.Ping());
        Assert.IsType<Message.Pong>(await client.ReadAsync());
    }

    [Fact]
    public async Task Required_refuses_the_secure_handshake()
    {
        await using var server = await StartAsync("Required");
        await using var client = await WireClient.ConnectAsync(server.EndPoint);
        await client.SendAsync("NPRO"u8.ToArray());
        await client.ReadToEndAsync();
        Assert.Equal(CloseReason.HandshakeRefused, (await server.FirstClosedAsync()).Reason);
    }

    [Fact]
    public async Task Garbage_after_a_TLS_byte_is_TLS_failed()
    {
        await using var server = await StartAsync("Required");
        await using var client = await WireClient.ConnectAsync(server.EndPoint);
        await client.SendAsync(new byte[] { 0x16, 0x03, 0x01, 0x00, 0x05, 1, 2, 3, 4, 5 });
        await client.ReadToEndAsync();
        Assert.Equal(CloseReason.TlsFailed, (await server.FirstClosedAsync()).Reason);
    }

    [Fact]
    public async Task A_reload_serves_the_new_certificate_and_keeps_connections()
    {
        await using var server = await StartAsync("Required");
        var store = server.Services.GetRequiredService<CertificateStore>();
        await using var old = await ConnectAsync(server);
        var serial = _files.WriteServer(rsa: true);
        Assert.True(await store.ReloadAsync(onlyIfChanged: true, CancellationToken.None));
        Assert.False(await store.ReloadAsync(onlyIfChanged: true, CancellationToken.None));
        await using var fresh = await ConnectAsync(server);
        Assert.Equal(serial, ((X509Certificate2)fresh.RemoteCertificate!).SerialNumber);
        await PingAsync(old);

        File.WriteAllText(_files.Key, "broken");
        Assert.False(await store.ReloadAsync(onlyIfChanged: false, CancellationToken.None));
        await using var still = await ConnectAsync(server);
        Assert.Equal(serial, ((X509Certificate2)still.RemoteCertificate!).SerialNumber);
    }

    [Fact]
    [Trait("Needs", "Program")]
    public async Task A_client_that_has_sent_no_Ping_is_sent_none_and_is_watched_by_TCP_keep_alive()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await StartAsync("Required", time);
        await using var tls = await ConnectAsync(server);
        for (var i = 0; i < 5; i++)
        {
            var echo = WireClient.Packet([5, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, (byte)'x']);
            await tls.WriteAsync(echo);
            var answer = new byte[echo.Length];
            await tls.ReadExactlyAsync(answer);
            Assert.Equal(echo, answer);
            time.Advance(TimeSpan.FromSeconds(75));
        }

        Assert.Equal(1, server.Registry.Count);
        await Operations.Eventually.Async(async () => // the client's kernel may not have acknowledged the last answer yet
        {
            var sockets = await Operations.Tool.RunAsync("ss", "-tnoH", "state", "established", "sport", "=", $":{server.EndPoint.Port}");
            return sockets.Good().Output.Contains("timer:(keepalive,1", StringComparison.Ordinal); // 15 s or a little less
        });
        await PingAsync(tls);
        await server.NotedAsync(time);
        time.Advance(TimeSpan.FromSeconds(16));
        var ping = new byte[PacketHeader.Size + 4];
        await tls.ReadExactlyAsync(ping);
        Assert.Equal(WireClient.Packet([0, 0, 0, 0]), ping);
    }

    [Fact]
    public async Task A_thousand_connections_survive_twenty_reloads()
    {
        const int Connections = 1_000, Reloads = 20;
        await using var server = await StartAsync("Required", ("MaxConnections", "2000"));
        var store = server.Services.GetRequiredService<CertificateStore>();
        var connections = new List<SslStream>();
        while (connections.Count < Connections)
        {
            connections.AddRange(await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ConnectAsync(server))));
        }

        for (var i = 0; i < Reloads; i++)
        {
            var serial = _files.WriteServer(rsa: i % 5 == 0, pkcs8: i % 2 == 0);
            Assert.True(await store.ReloadAsync(onlyIfChanged: true, CancellationToken.None));
            await using var fresh = await ConnectAsync(server);
            Assert.Equal(serial, ((X509Certificate2)fresh.RemoteCertificate!).SerialNumber);
            await Task.WhenAll(connections.Select(PingAsync));
        }

        await Task.WhenAll(connections.Select(connection => connection.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task A_required_client_certificate_names_the_client_and_none_is_refused()
    {
        await using var server = await StartAsync(
            "Required", ("Tls:ClientCertificates", "Required"), ("Tls:ClientCaPath", _files.Authority));
        using var certificate = _files.Client("CN=sensor-7");
        await using (var tls = await ConnectAsync(server, certificate))
        {
            await PingAsync(tls);
            var identity = server.Registry.Open.Single().Identity;
            Assert.Equal("cn:sensor-7", identity.ToString());
            Assert.Equal(certificate.Issuer, identity.Issuer);
        }

        Assert.Equal(CloseReason.ClientLeft, (await server.FirstClosedAsync()).Reason);
        using var strangers = CertificateFiles.Create();
        using var forged = strangers.Client("CN=sensor-7");
        foreach (var shown in new[] { null, forged })
        {
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                await using var tls = await ConnectAsync(server, shown);
                await PingAsync(tls);
            });
        }
    }

    [Fact]
    public async Task A_banned_certificate_is_cut_off_and_refused_whatever_its_address()
    {
        await using var server = await StartAsync(
            "Required", ("Tls:ClientCertificates", "Required"), ("Tls:ClientCaPath", _files.Authority));
        using var banned = _files.Client("CN=sensor-7");
        using var other = _files.Client("CN=sensor-8");
        await using var connected = await ConnectAsync(server, banned);
        await PingAsync(connected);
        var connection = server.Registry.Open.Single();
        Assert.StartsWith("TLS 1.3, TLS_", connection.TlsParameters, StringComparison.Ordinal);
        Assert.True(BanTarget.TryParse(banned.GetCertHashString(HashAlgorithmName.SHA256), out var target, out _));
        Assert.Equal(1, server.Services.GetRequiredService<BanList>().Add(new Ban("1", target, "stolen", "tester", default, null)));
        Assert.Equal(CloseReason.Banned, (await server.FirstClosedAsync()).Reason);
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            await using var again = await ConnectAsync(server, banned);
            await PingAsync(again);
        });
        await using var welcome = await ConnectAsync(server, other);
        await PingAsync(welcome);
        var counts = server.Services.GetRequiredService<ServerMetrics>().Read();
        Assert.Equal((2, 1), (counts.HandshakesGood, counts.HandshakesRefused)); // the refused one is not also good
    }

    private static async Task PingAsync(SslStream tls)
    {
        await tls.WriteAsync(WireClient.Packet([0, 0, 0, 0]));
        var answer = new byte[PacketHeader.Size + 4];
        await tls.ReadExactlyAsync(answer);
        Assert.Equal(WireClient.Packet([1, 0, 0, 0]), answer);
    }

    private async Task<SslStream> ConnectAsync(TestServer server, X509Certificate2? certificate = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.EndPoint);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(_files.AuthorityCertificate);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            CertificateChainPolicy = policy,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            ClientCertificates = certificate is null ? null : [certificate],
        });
        return tls;
    }

    private Task<TestServer> StartAsync(string mode, params (string Key, string Value)[] more) => StartAsync(mode, null, more);

    private Task<TestServer> StartAsync(string mode, TimeProvider? time, params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Tls:Mode"] = mode,
            ["Tls:CertificatePath"] = _files.Certificate,
            ["Tls:KeyPath"] = _files.Key,
        };
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return TestServer.StartAsync(settings, time: time);
    }
}
