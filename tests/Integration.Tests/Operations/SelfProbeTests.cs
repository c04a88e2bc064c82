namespace Integration.Tests.Operations;

/// <summary><c>--probe</c>: the health check that needs nothing but the program.</summary>
public sealed class SelfProbeTests
{
    [Fact]
    public async Task It_prints_the_answer_and_its_exit_code_tells_it()
    {
        await using var server = await ServerProcess.StartAsync("--NetworkProtocol:Server:Tls:Mode=Disabled");
        Assert.Equal((0, "200 OK", ""), Trimmed(await ServerProcess.RunAsync("--probe", Listen(server))));
        Assert.Equal((0, "200 READY", ""), Trimmed(await ServerProcess.RunAsync("--probe=/ready", Listen(server))));
        Assert.Equal((1, "401", ""), Trimmed(await ServerProcess.RunAsync("--probe=/health/details", Listen(server))));
    }

    [Fact]
    public async Task It_asks_over_TLS_where_the_server_speaks_it_and_tells_of_one_that_is_gone()
    {
        using var files = CertificateFiles.Create();
        string[] tls = [
            $"--NetworkProtocol:Http:Tls:CertificatePath={files.Certificate}", $"--NetworkProtocol:Http:Tls:KeyPath={files.Key}"];
        string listen;
        await using (var server = await ServerProcess.StartAsync(["--NetworkProtocol:Server:Tls:Mode=Disabled", .. tls]))
        {
            listen = Listen(server);
            Assert.Equal((0, "200 OK", ""), Trimmed(await ServerProcess.RunAsync(["--probe", listen, .. tls])));
        }

        var (exitCode, _, errors) = await ServerProcess.RunAsync(["--probe", listen, .. tls]);
        Assert.Equal(1, exitCode);
        Assert.Contains("127.0.0.1", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--probe", "127.0.0.1:0")]
    [InlineData("--probe=ready", "127.0.0.1:8080")]
    public async Task What_cannot_be_asked_is_told(string argument, string listen)
    {
        var (exitCode, output, errors) = await ServerProcess.RunAsync(argument, $"--NetworkProtocol:Http:Listen={listen}");
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains($"Http:Listen = {listen}", errors, StringComparison.Ordinal);
    }

    private static string Listen(ServerProcess server) => $"--NetworkProtocol:Http:Listen={server.Http.Authority}";

    private static (int ExitCode, string Output, string Errors) Trimmed((int ExitCode, string Output, string Errors) result) =>
        (result.ExitCode, result.Output.Trim(), result.Errors.Trim());
}
