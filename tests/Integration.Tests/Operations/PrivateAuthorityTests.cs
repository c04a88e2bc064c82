using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Integration.Tests.Operations;

/// <summary>Runs the commands of docs/operations/certificates.md that make a private authority.</summary>
public sealed partial class PrivateAuthorityTests : IDisposable
{
    private const string Section = "## A private authority";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("private-");

    [Fact]
    public async Task Server_and_clients_prove_who_they_are_with_what_the_page_makes()
    {
        await FollowThePageAsync();
        await using var server = await ServerProcess.StartAsync(
            $"--NetworkProtocol:Server:Tls:CertificatePath={Under("tls/fullchain.pem")}",
            $"--NetworkProtocol:Server:Tls:KeyPath={Under("tls/privkey.pem")}",
            "--NetworkProtocol:Server:Tls:ClientCertificates=Required", $"--NetworkProtocol:Server:Tls:ClientCaPath={Under("ca.crt")}");
        string[] echo = ["echo", $"localhost:{server.Protocol.Port}", "hello", "--ca", Under("ca.crt")];
        Assert.Equal(
            (0, "hello\n", ""), await NetprotoProcess.RunAsync([.. echo, "--cert", Under("client.crt"), "--key", Under("client.key")]));
        Assert.Equal(1, (await NetprotoProcess.RunAsync(echo)).ExitCode);
        var asServer = await NetprotoProcess.RunAsync(
            [.. echo, "--cert", Under("server/fullchain.pem"), "--key", Under("server/privkey.pem")]);
        Assert.Equal(1, asServer.ExitCode); // a server's certificate does not work for a client
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Under(string path) => Path.Combine(_folder.FullName, path);

    private async Task FollowThePageAsync()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/operations/certificates.md"));
        var section = page[page.IndexOf(Section, StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n## ", StringComparison.Ordinal)];
        var script = string.Concat(ShellBlock().Matches(section).Select(block => block.Groups[1].Value))
            .Replace("server.example", "localhost", StringComparison.Ordinal)
            .Replace("/usr/local/sbin/network-protocol-certificate", Repository.Deploy("certbot/deploy-hook.sh"), StringComparison.Ordinal);
        var start = new ProcessStartInfo("sh", ["-eu"]) { WorkingDirectory = _folder.FullName };
        start.Environment["CA_PASSPHRASE"] = "a passphrase";
        start.Environment["TLS_DIR"] = _folder.CreateSubdirectory("tls").FullName;
        start.Environment["OWNER"] = $"{Environment.UserName}:";
        start.Environment["RELOAD"] = "true";
        (await Tool.RunAsync(start, script)).Good();
    }

    [GeneratedRegex("^```sh\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ShellBlock();
}
