using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Server.Tls;

namespace Integration.Tests.Certificates;

/// <summary>The server does not accept a certificate and key that load but allow no handshake.</summary>
[Trait("Needs", "Program")]
public sealed class TrialHandshakeTests : IDisposable
{
    private readonly ServerFiles _files = new();

    public static TheoryData<string, string> Faults => new()
    {
        { "RSA-1024", "must have an RSA key of 2048 bits or more, which clients insist on; that of CN=localhost has 1024" },
        { "SHA-1", "must be signed with SHA-256 or better, which clients insist on; CN=localhost is signed with SHA-1" },
        { "an intermediate with SHA-1", "CN=weak is signed with SHA-1" },
        { "an intermediate with RSA-1024", "that of CN=weak has 1024" },
        { "secp256k1", "must have a key on one of the curves P-256, P-384, P-521" },
        { "P-224", "must have a key on one of the curves P-256, P-384, P-521" },
        { "a client's use", "CN=localhost is not for TLS servers: its extended key usage lacks serverAuth" },
        { "an intermediate for clients", "CN=weak is not for TLS servers" },
        { "an intermediate that is no authority", "CN=weak may not sign such a certificate: it is no authority" },
        { "an intermediate below another's path length", "its path length allows none below" },
        { "keyAgreement alone", "must have digitalSignature in its key usage" },
        { "a forged signature", "the signature of CN=localhost is not its issuer's" },
    };

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_pair_that_no_client_takes_is_refused_at_reload_and_at_start(string fault, string reason)
    {
        await using var server = await TestServer.StartAsync(_files.Settings());
        Write(fault);
        var store = server.Services.GetRequiredService<CertificateStore>();
        Assert.False(await store.ReloadAsync(onlyIfChanged: true, CancellationToken.None));
        Assert.StartsWith(
            $"NetworkProtocol:Server:Tls:CertificatePath = {_files.Chain}: must ", store.LastLoad!.Problem, StringComparison.Ordinal);
        Assert.Contains(reason, store.LastLoad.Problem, StringComparison.Ordinal);
        Assert.Equal(_files.Good.Certificate.SerialNumber, store.Certificate!.SerialNumber);
        Assert.Equal(0, MeterReading.Of(server)["networkprotocol.server.certificate.reload_successful{server}"]);
        Assert.Equal(3, (await OpenSsl.ChainAsync(server.EndPoint, "-tls1_3")).Length); // the old pair still works

        var start = await Assert.ThrowsAsync<InvalidOperationException>(() => TestServer.StartAsync(_files.Settings()));
        Assert.Equal(store.LastLoad.Problem, start.Message);

        _files.WriteGood();
        // The files match the certificate in use again, so the problem is gone.
        Assert.True(await store.ReloadAsync(onlyIfChanged: true, CancellationToken.None));
        Assert.Null(store.LastLoad.Problem);
    }

    [Theory]
    [InlineData("RSA-2048")]
    [InlineData("P-384")]
    [InlineData("P-521")]
    public async Task What_clients_take_is_taken(string key)
    {
        _files.Write(_files.Intermediate.Server(new Wish { Key = KeyOf(key) }), _files.Intermediate, _files.Root);
        await using var server = await TestServer.StartAsync(_files.Settings());
        Assert.Equal(3, (await OpenSsl.ChainAsync(server.EndPoint, "-tls1_2")).Length);
    }

    private static Func<AsymmetricAlgorithm> KeyOf(string name) => name switch
    {
        "RSA-1024" => () => RSA.Create(1024),
        "RSA-2048" => () => RSA.Create(2048),
        "secp256k1" => () => ECDsa.Create(ECCurve.CreateFromFriendlyName("secp256k1")),
        "P-224" => () => ECDsa.Create(ECCurve.CreateFromFriendlyName("secp224r1")),
        "P-384" => () => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        _ => () => ECDsa.Create(ECCurve.NamedCurves.nistP521),
    };

    private void Write(string fault)
    {
        var (root, good) = (_files.Root, _files.Intermediate);
        Issued Below(Wish wish) => root.Intermediate("weak", wish with { IsAuthority = true });
        Issued[] chain = fault switch
        {
            "RSA-1024" or "secp256k1" or "P-224" => [good.Server(new Wish { Key = KeyOf(fault) }), good, root],
            "SHA-1" => [good.Server(new Wish { IsSignedWithSha1 = true }), good, root],
            "a client's use" => [good.Server(new Wish { Use = Issued.ClientUse }), good, root],
            "keyAgreement alone" => [good.Server(new Wish { KeyUsage = X509KeyUsageFlags.KeyAgreement }), good, root],
            "an intermediate with SHA-1" => Chain(Below(new Wish { IsSignedWithSha1 = true })),
            "an intermediate with RSA-1024" => Chain(Below(new Wish { Key = KeyOf("RSA-1024") })),
            "an intermediate for clients" => Chain(Below(new Wish { Use = Issued.ClientUse })),
            "an intermediate that is no authority" => Chain(root.Intermediate("weak", new Wish())),
            "an intermediate below another's path length" =>
                TooDeep(root.Intermediate("shallow", new Wish { IsAuthority = true, PathLength = 0 })),
            "a forged signature" => [root.Intermediate("intermediate").Server(), good, root],
            _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "no such fault"),
        };
        _files.Write(chain);
    }

    private Issued[] Chain(Issued intermediate) => [intermediate.Server(), intermediate, _files.Root];

    private Issued[] TooDeep(Issued shallow)
    {
        var below = shallow.Intermediate("below");
        return [below.Server(), below, shallow, _files.Root];
    }
}
