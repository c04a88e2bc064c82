using System.Net;
using Integration.Tests.Operations;

namespace Integration.Tests;

/// <summary>
/// What all of <c>netproto</c>'s admin commands share: the server's address, whom they trust, the token, and usage errors.
/// </summary>
[Trait("Needs", "Program")]
public sealed class AdminArgumentTests : IDisposable
{
    private readonly CertificateFiles _files = CertificateFiles.Create();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_server_with_https_is_verified()
    {
        var data = $"--NetworkProtocol:Admin:DataPath={_files.Folder}/data";
        string secret;
        await using (var before = await Operator.StartAsync(data))
        {
            secret = before.Secret;
        }

        await using var server = await ServerProcess.StartAsync(
            data, "--NetworkProtocol:Server:Tls:Mode=Disabled",
            $"--NetworkProtocol:Http:Tls:CertificatePath={_files.Certificate}", $"--NetworkProtocol:Http:Tls:KeyPath={_files.Key}");
        Task<(int ExitCode, string Output, string Errors)> Status(params string[] trust) => NetprotoProcess.RunAsync(
            [new("NETPROTO_URL", server.Http.AbsoluteUri), new("NETPROTO_TOKEN", secret)], "", ["status", .. trust]);
        var (exitCode, output, errors) = await Status();
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("--ca trusts an authority of your own", errors, StringComparison.Ordinal);
        (exitCode, _, errors) = await Status("--ca", _files.Authority);
        Assert.Equal((0, ""), (exitCode, errors));
        (exitCode, _, errors) = await Status("--insecure");
        Assert.Equal(0, exitCode);
        Assert.StartsWith("WARNING: --insecure", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_with_https_is_trusted_by_its_issuing_authority_alone_or_by_itself_and_by_no_other()
    {
        using var files = new Certificates.ServerFiles();
        var data = $"--NetworkProtocol:Admin:DataPath={_files.Folder}/data";
        string secret;
        await using (var before = await Operator.StartAsync(data))
        {
            secret = before.Secret;
        }

        await using var server = await ServerProcess.StartAsync([data, .. files.Arguments("Http")]);
        foreach (var (trusted, isGood) in new[]
        {
            (files.Intermediate, true), (files.Good, true), (files.Root, true), (files.Root.Intermediate("stranger"), false),
        })
        {
            await File.WriteAllTextAsync(files.Under("trusted.pem"), trusted.Pem);
            var (exitCode, _, errors) = await NetprotoProcess.RunAsync(
                [new("NETPROTO_URL", $"https://localhost:{server.Http.Port}"), new("NETPROTO_TOKEN", secret)], "",
                ["status", "--ca", files.Under("trusted.pem")]);
            Assert.Equal(isGood ? (0, true) : (1, false), (exitCode, errors.Length == 0));
        }
    }

    [Fact]
    public async Task Who_may_not_is_told_what_to_do_and_no_token_is_shown()
    {
        await using var operators = await Operator.StartAsync();
        var viewer = await operators.Session.CreateTokenAsync("watcher", "viewer");
        var file = Path.Combine(_files.Folder, "token");
        await File.WriteAllTextAsync(file, viewer + "\n");
        await operators.RunAsync("status", "--token-file", file);
        await operators.FailAsync(1, "a viewer's cannot change anything", "ban", "192.0.2.7", "--reason", "a test", "--token-file", file);
        await operators.FailAsync(1, "does not accept the token", "status", "--token", "npat_wrong");
        await operators.FailAsync(2, "characters that a token cannot contain", "status", "--token", "npat_wrong\n");
        await operators.FailAsync(2, "exclude each other", "status", "--token", "npat_wrong", "--token-file", file);
        var (exitCode, _, errors) = await NetprotoProcess.RunAsync("status", "--url", operators.Url);
        Assert.Equal(1, exitCode);
        Assert.Contains("set NETPROTO_TOKEN", errors, StringComparison.Ordinal);
        Assert.DoesNotContain(operators.Secret, await operators.RunAsync("status", "--help"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_values_are_a_wrong_usage_and_absent_servers_a_failure()
    {
        await using var operators = await Operator.StartAsync();
        await operators.FailAsync(2, "must be one of id, peer,", "connections", "--sort", "size");
        await operators.FailAsync(2, "must be one of undecided, secure", "connections", "--transport", "pigeon");
        await operators.FailAsync(2, "size = 0: must be 1 to 1000.", "errors", "--size", "0");
        await operators.FailAsync(2, "must be an address", "status", "--url", "localhost");
        await operators.FailAsync(2, "need an https:// address", "status", "--insecure");
        await operators.FailAsync(1, "cannot reach http://127.0.0.1:1", "status", "--url", "http://127.0.0.1:1");
        await operators.FailAsync(1, "check --url", "status", "--url", $"{operators.Url}health");
    }

    [Fact]
    public async Task A_redirect_does_not_get_the_token()
    {
        await using var operators = await Operator.StartAsync();
        using var elsewhere = new HttpListener();
        var url = $"http://127.0.0.1:{FreePort.Take()}/";
        elsewhere.Prefixes.Add(url);
        elsewhere.Start();
        var asked = elsewhere.GetContextAsync();
        var run = operators.TryAsync("status", "--url", url);
        var context = await asked.WaitAsync(TimeSpan.FromSeconds(60));
        context.Response.Redirect($"{operators.Url}api/v1/status");
        context.Response.Close();
        var (exitCode, output, errors) = await run;
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains($"redirects to {operators.Url}", errors, StringComparison.Ordinal);
    }
}
