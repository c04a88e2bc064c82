using System.Security.Cryptography;
using Integration.Tests.Operations;
using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Server.Tls;

namespace Integration.Tests.Certificates;

/// <summary>Each fault of a certificate's files has its own sentence, which is the same everywhere.</summary>
[Trait("Needs", "Program")]
public sealed class CertificateFileTests : IDisposable
{
    private readonly ServerFiles _files = new();

    public static TheoryData<string, string, string> Faults => new()
    {
        { "encrypted key", "KeyPath", "must be a private key without a passphrase; it is encrypted" },
        { "encrypted EC key of old", "KeyPath", "must be a private key without a passphrase; it is encrypted" },
        { "another's key", "KeyPath", "must be the key of the certificate CN=localhost; it belongs to another certificate" },
        { "another's RSA key", "KeyPath", "must be the key of the certificate CN=localhost; it belongs to another certificate" },
        { "the authority first", "CertificatePath",
            "must begin with the certificate that the key belongs to, which is CN=localhost; it is number 2" },
        { "no key file", "KeyPath", "must be an existing PEM file; this file does not exist" },
        { "no certificate file", "CertificatePath", "must be an existing PEM file; this file does not exist" },
        { "a folder for a key", "KeyPath", "must be a PEM file; it is a folder" },
        { "a folder for a certificate", "CertificatePath", "must be a PEM file; it is a folder" },
        { "an empty key", "KeyPath", "must be a PEM file; it is empty" },
        { "an empty certificate", "CertificatePath", "must be a PEM file; it is empty" },
        { "DER for a certificate", "CertificatePath", "must be a PEM file, which is text; this file is binary" },
        { "DER for a key", "KeyPath", "must be a PEM file, which is text; this file is binary" },
        { "a key for a certificate", "CertificatePath",
            "must hold a certificate; it holds a private key: are the paths of certificate and key exchanged?" },
        { "a certificate for a key", "KeyPath",
            "must hold a private key (PKCS #8, RSA or EC); it holds a certificate: are the paths of certificate and key exchanged?" },
        { "a request for a certificate", "CertificatePath", "must hold a certificate; it holds a certificate request" },
        { "a public key for a key", "KeyPath", "must hold a private key (PKCS #8, RSA or EC); it holds a block with the label PUBLIC KEY" },
        { "text for a certificate", "CertificatePath", "must hold a certificate; it holds no PEM block" },
        { "half a chain", "CertificatePath", "must hold whole certificates; 3 begin in it, and 1 of them are cut short or damaged" },
        { "half a key", "KeyPath", "must hold a whole private key; it is cut short or damaged" },
        { "a damaged certificate", "CertificatePath", "must hold whole certificates; number 1 in it is damaged" },
        { "an Ed25519 pair", "KeyPath", "must be an RSA or an EC key; it is damaged, or of another type" },
        { "an Ed25519 certificate", "CertificatePath", "must have an RSA or an EC key; the key of CN=localhost is of the type " },
        { "a file without end", "CertificatePath", "must be a PEM file of at most 4194304 bytes; it is larger" },
        { "no client authorities", "ClientCaPath", "must be an existing PEM file; this file does not exist" },
        { "text for client authorities", "ClientCaPath", "must hold a certificate; it holds no PEM block" },
    };

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Each_fault_of_a_file_has_its_sentence_at_reload_and_at_start(string fault, string key, string sentence)
    {
        await File.WriteAllTextAsync(_files.ClientCa, _files.Root.Pem);
        var settings = _files.Settings(("Tls:ClientCertificates", "Optional"), ("Tls:ClientCaPath", _files.ClientCa));
        await using var server = await TestServer.StartAsync(settings);
        await BreakAsync(fault);
        var store = server.Services.GetRequiredService<CertificateStore>();
        Assert.False(await store.ReloadAsync(onlyIfChanged: true, CancellationToken.None));
        var path = settings[$"Tls:{key}"];
        Assert.StartsWith($"NetworkProtocol:Server:Tls:{key} = {path}: {sentence}", store.LastLoad!.Problem, StringComparison.Ordinal);
        Assert.Equal(_files.Good.Certificate.SerialNumber, store.Certificate!.SerialNumber);

        var start = await Assert.ThrowsAsync<InvalidOperationException>(() => TestServer.StartAsync(settings));
        Assert.Equal(store.LastLoad.Problem, start.Message);
    }

    [Fact]
    public async Task The_check_of_the_configuration_the_log_health_and_the_list_say_the_same()
    {
        await using var operators = await Operator.StartAsync(_files.Arguments());
        await BreakAsync("encrypted key");
        foreach (var section in new[] { "Server", "Http" })
        {
            var sentence = $"NetworkProtocol:{section}:Tls:KeyPath = {_files.Key}: must be a private key "
                + "without a passphrase; it is encrypted";
            var (exitCode, _, errors) = await ServerProcess.RunAsync([.. _files.Arguments(section), "--check-config"]);
            Assert.Equal(1, exitCode);
            Assert.StartsWith(sentence, errors, StringComparison.Ordinal);
        }

        const string Said = "must be a private key without a passphrase; it is encrypted";
        await operators.FailAsync(1, Said, "certificates", "reload");
        Assert.Contains(Said, await operators.RunAsync("certificates"), StringComparison.Ordinal);
        Assert.Contains(Said, await operators.Session.Http.GetStringAsync("/health/details"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_the_servers_user_may_not_read_is_said_with_the_users_name()
    {
        File.SetUnixFileMode(_files.Key, UnixFileMode.UserRead);
        (await Tool.RunAsync("chown", "nobody", _files.Key)).Good();
        var result = await CheckWithoutRootsPowerAsync(_files.Arguments());
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(
            $"NetworkProtocol:Server:Tls:KeyPath = {_files.Key}: must be a file that the user "
                + $"{Environment.UserName} may read; the system denies it\n", result.Errors);
    }

    [Theory]
    [InlineData("Server")]
    [InlineData("Http")]
    public async Task A_certificate_in_a_folder_that_may_not_be_entered_is_said_so_and_not_to_be_missing(string section)
    {
        var folder = Directory.CreateDirectory(
            _files.Under("closed"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        var chain = Path.Combine(folder, "fullchain.pem");
        File.Copy(_files.Chain, chain);
        (await Tool.RunAsync("chown", "nobody", folder)).Good();
        var result = await CheckWithoutRootsPowerAsync(
            [.. _files.Arguments(section), $"--NetworkProtocol:{section}:Tls:CertificatePath={chain}"]);
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(
            $"NetworkProtocol:{section}:Tls:CertificatePath = {chain}: must be a file that the user {Environment.UserName} may read; it "
                + $"may not enter the folder {folder}\n", result.Errors);
    }

    [Theory]
    [InlineData("CaPath", "must be an existing PEM file; this file does not exist")]
    [InlineData("KeyPath", "must be a private key without a passphrase; it is encrypted")]
    public async Task An_upstreams_files_have_the_same_sentences(string key, string sentence)
    {
        await BreakAsync("encrypted key");
        string[] arguments = key == "CaPath" ? [$"--NetworkProtocol:Upstreams:hub:CaPath={_files.Under("nothing")}"]
            : [$"--NetworkProtocol:Upstreams:hub:CertificatePath={_files.Chain}", $"--NetworkProtocol:Upstreams:hub:KeyPath={_files.Key}"];
        var (exitCode, _, errors) = await ServerProcess.RunAsync(
            [
                "--NetworkProtocol:Server:Tls:Mode=Disabled",
                "--NetworkProtocol:Upstreams:hub:Addresses:0=localhost:1", .. arguments, "--check-config"]);
        Assert.Equal(1, exitCode);
        Assert.Contains($"NetworkProtocol:Upstreams:hub:{key} = ", errors, StringComparison.Ordinal);
        Assert.Contains(sentence, errors, StringComparison.Ordinal);
    }

    private async Task BreakAsync(string fault)
    {
        var (certificate, key) = (_files.Chain, _files.Key);
        switch (fault)
        {
            case "encrypted key":
                Write(key, ((ECDsa)_files.Good.Key).ExportEncryptedPkcs8PrivateKeyPem(
                    "secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000))); break;
            case "encrypted EC key of old":
                (await Tool.RunAsync("openssl", "ec", "-in", key, "-aes256", "-passout", "pass:secret", "-out", key)).Good(); break;
            case "another's key": Write(key, _files.Intermediate.Server().KeyPem); break;
            case "another's RSA key": Write(key, _files.Intermediate.Server(new Wish { Key = () => RSA.Create(2048) }).KeyPem); break;
            case "the authority first": Write(certificate, _files.Intermediate.Pem + _files.Good.Pem); break;
            case "no key file": File.Delete(key); break;
            case "no certificate file": File.Delete(certificate); break;
            case "a folder for a key": Folder(key); break;
            case "a folder for a certificate": Folder(certificate); break;
            case "an empty key": Write(key, ""); break;
            case "an empty certificate": Write(certificate, ""); break;
            case "DER for a certificate": await File.WriteAllBytesAsync(certificate, _files.Good.Certificate.RawData); break;
            case "DER for a key": await File.WriteAllBytesAsync(key, _files.Good.Key.ExportPkcs8PrivateKey()); break;
            case "a key for a certificate": File.Copy(key, certificate, overwrite: true); break;
            case "a certificate for a key": File.Copy(certificate, key, overwrite: true); break;
            case "a request for a certificate":
                (await Tool.RunAsync("openssl", "req", "-new", "-key", key, "-subj", "/CN=x", "-out", certificate)).Good(); break;
            case "a public key for a key": Write(key, _files.Good.Key.ExportSubjectPublicKeyInfoPem()); break;
            case "text for a certificate": Write(certificate, "hello"); break;
            case "half a chain": Write(certificate, (await File.ReadAllTextAsync(certificate))[..^200]); break;
            case "half a key": Write(key, (await File.ReadAllTextAsync(key))[..^60]); break;
            case "a damaged certificate":
                Write(certificate, PemEncoding.WriteString("CERTIFICATE", _files.Good.Certificate.RawData.AsSpan(0, 100))); break;
            case "an Ed25519 pair": await Ed25519Async(key, certificate); break;
            case "an Ed25519 certificate": await Ed25519Async(_files.Under("ed25519"), certificate); break;
            case "a file without end": File.Delete(certificate); File.CreateSymbolicLink(certificate, "/dev/zero"); break;
            case "no client authorities": File.Delete(_files.ClientCa); break;
            case "text for client authorities": Write(_files.ClientCa, "hello"); break;
            default: throw new ArgumentOutOfRangeException(nameof(fault), fault, "no such fault");
        }
    }

    private static void Write(string path, string text) => File.WriteAllText(path, text);

    private static void Folder(string path)
    {
        File.Delete(path);
        Directory.CreateDirectory(path);
    }

    private Task<ToolResult> CheckWithoutRootsPowerAsync(string[] arguments)
    {
        string[] program = [
            "--bounding-set=-dac_override,-dac_read_search", "dotnet", Path.Combine(AppContext.BaseDirectory, "NetworkProtocol.Web.dll")];
        return Tool.RunAsync(new System.Diagnostics.ProcessStartInfo(
            "setpriv", [.. program, $"--NetworkProtocol:Admin:DataPath={_files.Under("data")}", .. arguments, "--check-config"])
        {
            WorkingDirectory = AppContext.BaseDirectory,
        });
    }

    private static async Task Ed25519Async(string key, string certificate) =>
        (await Tool.RunAsync(
            "openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout",
            key, "-out", certificate, "-subj", "/CN=localhost")).Good();
}
