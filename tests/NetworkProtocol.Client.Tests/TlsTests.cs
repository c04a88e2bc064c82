using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Client.Tests;

/// <summary>The servers that the client trusts, with a real TLS server.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private readonly CertificateFiles _files = CertificateFiles.Create();
    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync(new()
    {
        ["Tls:Mode"] = "Required",
        ["Tls:CertificatePath"] = _files.Certificate,
        ["Tls:KeyPath"] = _files.Key,
    });

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task A_pin_of_the_certificate_or_of_its_key_is_enough_in_any_notation()
    {
        using var leaf = X509CertificateLoader.LoadCertificateFromFile(_files.Certificate);
        var certificate = SHA256.HashData(leaf.RawData);
        var key = SHA256.HashData(leaf.PublicKey.ExportSubjectPublicKeyInfo());
        foreach (var pin in new[]
        {
            Convert.ToHexString(certificate), Convert.ToHexStringLower(key), Convert.ToBase64String(key),
            $"sha256/{Convert.ToBase64String(certificate)}", string.Join(':', key.Select(b => $"{b:X2}")),
        })
        {
            await EchoAsync(new() { TrustedCertificatesPath = _files.Authority, Pins = [Wrong, pin] });
        }
    }

    [Fact]
    public async Task A_wrong_pin_fails_although_the_chain_is_good()
    {
        await EchoAsync(new() { TrustedCertificatesPath = _files.Authority });
        var error = await ExpectTlsErrorAsync(new() { TrustedCertificatesPath = _files.Authority, Pins = [Wrong] });
        Assert.Contains("no pin matches", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_right_pin_does_not_make_up_for_a_bad_chain_or_a_wrong_name()
    {
        using var leaf = X509CertificateLoader.LoadCertificateFromFile(_files.Certificate);
        var pin = Convert.ToHexString(SHA256.HashData(leaf.RawData));
        await ExpectTlsErrorAsync(new() { Pins = [pin] });
        var error = await ExpectTlsErrorAsync(new() { TrustedCertificatesPath = _files.Authority, Pins = [pin], ServerName = "elsewhere" });
        Assert.Contains("not valid for 'elsewhere'", error.Message, StringComparison.Ordinal);
        await EchoAsync(new() { AllowUntrustedServer = true, Pins = [pin] });
    }

    [Fact]
    public async Task The_right_certificate_without_its_key_fails()
    {
        using var leaf = X509CertificateLoader.LoadCertificateFromFile(_files.Certificate);
        using var key = ECDsa.Create();
        key.ImportFromPem(await File.ReadAllTextAsync(_files.Key));
        var tls = new ClientTlsOptions
        {
            TrustedCertificatesPath = _files.Authority,
            Pins = [Convert.ToHexString(SHA256.HashData(leaf.RawData))],
        };
        using (var owner = new StolenCertificateServer(leaf, key.ExportPkcs8PrivateKey()))
        {
            await using var connection = await ConnectAsync(owner.EndPoint, tls);
        }

        using var thief = new StolenCertificateServer(leaf, null);
        var error = await Assert.ThrowsAsync<ProtocolClientException>(() => ConnectAsync(thief.EndPoint, tls));
        Assert.Equal(ProtocolErrorKind.Tls, error.Kind);
    }

    [Fact]
    public async Task A_client_certificate_is_shown_and_a_server_that_asks_for_one_takes_no_other()
    {
        var (path, identity) = (Path.Combine(_files.Folder, "client.pem"), "");
        using (var certificate = _files.Client("CN=orders"))
        {
            using var key = certificate.GetECDsaPrivateKey()!;
            using var exportable = ECDsa.Create();
            exportable.ImportEncryptedPkcs8PrivateKey("-", key.ExportEncryptedPkcs8PrivateKey(
                "-", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1)), out _);
            await File.WriteAllTextAsync(path, certificate.ExportCertificatePem() + "\n" + exportable.ExportPkcs8PrivateKeyPem());
        }

        await using var server = await TestServer.StartAsync(
            new()
            {
                ["Tls:Mode"] = "Required",
                ["Tls:CertificatePath"] = _files.Certificate,
                ["Tls:KeyPath"] = _files.Key,
                ["Tls:ClientCertificates"] = "Required",
                ["Tls:ClientCaPath"] = _files.Authority,
            },
            app => app.MapCommand("WHO", (Connection connection) => connection.Identity.ToString()));
        var tls = new ClientTlsOptions { TrustedCertificatesPath = _files.Authority, ClientCertificatePath = path };
        await using (var connection = await ConnectAsync(server.EndPoint, tls))
        {
            var answer = (Message.Custom)await connection.RequestAsync(new Message.Custom("WHO", default));
            identity = System.Text.Encoding.UTF8.GetString(answer.Payload.Span);
        }

        Assert.Equal("cn:orders", identity);
        var error = await Record.ExceptionAsync(async () =>
        {
            await using var connection = await ConnectAsync(server.EndPoint, new() { TrustedCertificatesPath = _files.Authority });
            await connection.RequestAsync(new Message.Ping());
        });
        ProtocolErrorKind[] expected = [ProtocolErrorKind.Tls, ProtocolErrorKind.Closed];
        Assert.Contains(Assert.IsType<ProtocolClientException>(error).Kind, expected);
    }

    [Fact]
    public async Task A_minimum_version_is_kept()
    {
        await EchoAsync(new() { TrustedCertificatesPath = _files.Authority, MinimumVersion = SslProtocols.Tls13 });
        var error = Assert.Throws<ArgumentException>(() => new ProtocolClient(new ProtocolClientOptions
        {
            Addresses = ["localhost"],
#pragma warning disable CA5397, SYSLIB0039 // the version that is refused
            Connection = { Tls = { MinimumVersion = SslProtocols.Tls11 } },
#pragma warning restore CA5397, SYSLIB0039
        }));
        Assert.Contains("Connection:Tls:MinimumVersion = Tls11", error.Message, StringComparison.Ordinal);
    }

    private static string Wrong => new('0', 64);

    private async Task EchoAsync(ClientTlsOptions tls)
    {
        await using var connection = await ConnectAsync(_server.EndPoint, tls);
        Assert.Equal(new Message.Echo("hello"), await connection.RequestAsync(new Message.Echo("hello")));
    }

    private async Task<ProtocolClientException> ExpectTlsErrorAsync(ClientTlsOptions tls)
    {
        var error = await Assert.ThrowsAsync<ProtocolClientException>(() => ConnectAsync(_server.EndPoint, tls));
        Assert.Equal(ProtocolErrorKind.Tls, error.Kind);
        return error;
    }

    private static Task<ProtocolConnection> ConnectAsync(IPEndPoint endPoint, ClientTlsOptions tls) =>
        ProtocolConnection.ConnectAsync(ServerAddress.Parse($"localhost:{endPoint.Port}"), new ConnectionOptions { Tls = tls });
}
