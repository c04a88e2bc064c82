using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Integration.Tests.Operations;

/// <summary>The result of the Dockerfile's build stage. Its instructions run in a folder in place of the builder's root.</summary>
public sealed partial class ImageBuild : IAsyncLifetime
{
    /// <summary>This machine's architecture, in BuildKit's terms.</summary>
    private static readonly string Architecture =
        RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.X64 ? "amd64" : "arm64";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("image-");
    private string _workingDirectory = "";

    /// <summary>The image's /app.</summary>
    public string App => Under(From("./"));

    /// <summary>The folder that becomes the image's /var/lib/network-protocol.</summary>
    public string State => Under(From("/var/lib/network-protocol"));

    public async Task InitializeAsync()
    {
        foreach (var instruction in Dockerfile.Read().Build)
        {
            switch (instruction.Keyword)
            {
                case "WORKDIR":
                    _workingDirectory = Directory.CreateDirectory(Under(instruction.Text)).FullName;
                    break;
                case "COPY":
                    Copy(instruction.Words);
                    break;
                case "RUN":
                    await RunAsync(Flags().Replace(instruction.Text, ""));
                    break;
                case "ARG":
                    Assert.Equal("TARGETARCH", instruction.Text);
                    break;
                default:
                    Assert.Equal("FROM", instruction.Keyword);
                    break;
            }
        }
    }

    public Task DisposeAsync()
    {
        _root.Delete(recursive: true);
        return Task.CompletedTask;
    }

    private static string From(string target) =>
        Dockerfile.Read().All("COPY").Single(copy => copy.Words[^1] == target && copy.Flag("from") == "build").Words[0];

    private string Under(string path) => Path.Combine(_root.FullName, path.TrimStart('/'));

    private void Copy(string[] words)
    {
        var target = Path.Combine(_workingDirectory, words[^1]);
        foreach (var source in words[..^1])
        {
            var files = BuildContext.Files().Where(file => source == "." || file == source).ToArray();
            Assert.True(files.Length > 0, $"COPY {source}: .dockerignore keeps it out, or there is none.");
            foreach (var file in files)
            {
                var to = Path.Combine(target, source == "." ? file : Path.GetFileName(file));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(Path.Combine(Repository.Root, file), to, overwrite: true);
            }
        }
    }

    // Without slow steps that these tests do not need: analyzers, which ran in the build before the tests, and Brotli.
    // Without build servers, because they would outlive the tests.
    private async Task RunAsync(string command)
    {
        var (exitCode, output, errors) = await SeparateBuild.RunAsync(
            SeparateBuild.Nicely[0],
            [
                .. SeparateBuild.Nicely[1..], "env", $"--chdir={_workingDirectory}",
                "RunAnalyzers=false", "CompressionEnabled=false", "UseSharedCompilation=false",
                "MSBUILDDISABLENODEREUSE=1", $"TARGETARCH={Architecture}", "sh",
                "-c", AbsolutePath().Replace(command, match => Under(match.Value)),
            ]);
        Assert.True(exitCode == 0, output + errors);
        Assert.DoesNotContain("warning", output, StringComparison.OrdinalIgnoreCase);
    }

    [GeneratedRegex(@"^(--\S+\s+)+")]
    private static partial Regex Flags();

    [GeneratedRegex(@"(?<=\s)/\w+")]
    private static partial Regex AbsolutePath();
}
