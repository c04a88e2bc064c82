using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Integration.Tests;

/// <summary>What <c>deploy/pack.sh</c> gives to others.</summary>
[Collection(nameof(SeparateBuild))]
[Trait("Needs", "Program")]
public sealed class PackageTests(SeparateBuild build) : IDisposable
{
    private readonly DirectoryInfo _tools = Directory.CreateTempSubdirectory("tools");

    [Fact]
    public async Task Packages_have_readme_documentation_and_symbols_and_netproto_runs_once_it_is_installed()
    {
        var packages = Directory.GetFiles(await build.PackAsync(_tools.FullName)).ToDictionary(NameOf, FilesOf);
        string[] libraries =
        [
            "NetworkProtocol", "NetworkProtocol.Admin", "NetworkProtocol.Client", "NetworkProtocol.Edge", "NetworkProtocol.Forwarding",
            "NetworkProtocol.Hub", "NetworkProtocol.Server", "NetworkProtocol.Settings",
        ];
        Assert.Equal(
            [
                "NetworkProtocol.Cli.nupkg", "NetworkProtocol.Cli.snupkg",
                .. libraries.SelectMany(library => new[] { $"{library}.nupkg", $"{library}.snupkg" }),
            ],
            packages.Keys.ToHashSet());
        foreach (var library in libraries)
        {
            AssertHas(packages[$"{library}.nupkg"], "README.md", $"lib/net10.0/{library}.dll", $"lib/net10.0/{library}.xml");
            AssertHas(packages[$"{library}.snupkg"], $"lib/net10.0/{library}.pdb");
        }

        const string Tool = "tools/net10.0/any";
        AssertHas(
            packages["NetworkProtocol.Cli.nupkg"], "README.md", $"{Tool}/netproto.dll", $"{Tool}/runtimes/linux-x64/native/libsodium.so");
        AssertHas(packages["NetworkProtocol.Cli.snupkg"], $"{Tool}/netproto.pdb");

        // A program that is installed so asks for .NET where its installer puts it, unless this says where the tests' own is.
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        var (exitCode, output, errors) = await SeparateBuild.RunAsync(
            "env", $"DOTNET_ROOT={dotnet}", Path.Combine(_tools.FullName, "netproto"), "--help");
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains("netproto echo", output, StringComparison.Ordinal);
    }

    public void Dispose() => _tools.Delete(recursive: true);

    private static void AssertHas(string[] files, params string[] expected) =>
        Assert.All(expected, file => Assert.Contains(file, files));

    private static string[] FilesOf(string path)
    {
        using var package = ZipFile.OpenRead(path);
        return [.. package.Entries.Select(entry => entry.FullName)];
    }

    // Without the version: the package's description carries its name alone.
    private static string NameOf(string path) =>
        Path.ChangeExtension(FilesOf(path).Single(file => file.EndsWith(".nuspec", StringComparison.Ordinal)), Path.GetExtension(path));
}
