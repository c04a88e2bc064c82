using System.Diagnostics;

namespace Integration.Tests;

/// <summary>
/// A folder for publishing and packing, so that the build writes no files that the running tests use. The build would use all processors,
/// so it runs at a low priority.
/// </summary>
[CollectionDefinition(nameof(SeparateBuild))]
public sealed class SeparateBuild : ICollectionFixture<SeparateBuild>, IDisposable
{
    // Alone the build takes two minutes, but here it gets only the processor time that the tests do not use.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(12);

    /// <summary>The command prefix that lowers a program's priority, so that the tests run first.</summary>
    public static readonly string[] Nicely = ["nice", "-n", "15"];

    private readonly string _folder = Directory.CreateTempSubdirectory("npro").FullName;

    /// <summary>Publishes and returns the folder with the result.</summary>
    public Task<string> PublishAsync(string project) =>
        MakeAsync(
            "publish", output => ["dotnet", "publish", Path.Combine(Operations.Repository.Root, project), "-c", "Release", "-o", output]);

    /// <summary>Packs, installs netproto in a folder, and returns the folder with the packages.</summary>
    public Task<string> PackAsync(string toolPath) =>
        MakeAsync("pack", output => [Operations.Repository.Deploy("pack.sh"), output, "--tool-path", toolPath]);

    private async Task<string> MakeAsync(string name, Func<string, string[]> command)
    {
        var output = Path.Combine(_folder, name);

        // No analyzers, because the build before the tests ran them. No build servers, because they would outlive the tests.
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
