using System.Diagnostics;

namespace Integration.Tests;

/// <summary>
/// A folder to publish and pack into, so that nothing is written to what the running tests use. It would keep every processor busy, and
/// so takes what the others leave.
/// </summary>
[CollectionDefinition(nameof(SeparateBuild))]
public sealed class SeparateBuild : ICollectionFixture<SeparateBuild>, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(12); // it takes two alone, and has what the tests beside it leave

    /// <summary>Before a program: the tests beside it come first.</summary>
    public static readonly string[] Nicely = ["nice", "-n", "15"];

    private readonly string _folder = Directory.CreateTempSubdirectory("npro").FullName;

    /// <summary>Publishes and returns the folder with the outcome.</summary>
    public Task<string> PublishAsync(string project) =>
        MakeAsync(
            "publish", output => ["dotnet", "publish", Path.Combine(Operations.Repository.Root, project), "-c", "Release", "-o", output]);

    /// <summary>Packs, installs netproto in a folder, and returns the one with the packages.</summary>
    public Task<string> PackAsync(string toolPath) =>
        MakeAsync("pack", output => [Operations.Repository.Deploy("pack.sh"), output, "--tool-path", toolPath]);

    private async Task<string> MakeAsync(string name, Func<string, string[]> command)
    {
        var output = Path.Combine(_folder, name);

        // No analyzers, because the build before the tests had them. No servers, because they would outlive the tests.
        var (exitCode, text, errors) = await RunAsync(
            Nicely[0],
            [
                .. Nicely[1..], .. command(output), "--artifacts-path", _folder, "-nodeReuse:false",
                "-p:UseSharedCompilation=false", "-p:RunAnalyzers=false",
            ]);
        Assert.True(exitCode == 0, text + errors);
        Assert.DoesNotContain("warning", text, StringComparison.OrdinalIgnoreCase);
        return output;
    }

    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string file, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var deadline = new CancellationTokenSource(Patience);
        using var giveUp = deadline.Token.Register(() => process.Kill(entireProcessTree: true));
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        var late = deadline.IsCancellationRequested ? $"{file} {string.Join(' ', arguments)} was ended after {Patience}." : "";
        return (process.ExitCode, await output, await errors + late);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
