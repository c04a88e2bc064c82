using System.IO.Compression;

namespace Integration.Tests;

/// <summary>What <c>dotnet pack</c> gives to others.</summary>
[Collection(nameof(SeparateBuild))]
public sealed class PackageTests(SeparateBuild build)
{
    [Fact]
    public async Task The_libraries_and_netproto_are_packed_with_readme_documentation_and_symbols_and_nothing_else_is()
    {
        var packages = Directory.GetFiles(await build.MakeAsync("pack", "NetworkProtocol.Web.sln")).ToDictionary(NameOf, FilesOf);
        string[] libraries = ["NetworkProtocol", "NetworkProtocol.Client", "NetworkProtocol.Server"];
        Assert.Equal(
            ["NetworkProtocol.Cli.nupkg", "NetworkProtocol.Cli.snupkg", .. libraries.SelectMany(library => new[] { $"{library}.nupkg", $"{library}.snupkg" })],
            packages.Keys.ToHashSet());
        foreach (var library in libraries)
        {
            AssertHas(packages[$"{library}.nupkg"], "README.md", $"lib/net10.0/{library}.dll", $"lib/net10.0/{library}.xml");
            AssertHas(packages[$"{library}.snupkg"], $"lib/net10.0/{library}.pdb");
        }

        const string Tool = "tools/net10.0/any";
        AssertHas(packages["NetworkProtocol.Cli.nupkg"], "README.md", $"{Tool}/netproto.dll", $"{Tool}/runtimes/linux-x64/native/libsodium.so");
        AssertHas(packages["NetworkProtocol.Cli.snupkg"], $"{Tool}/netproto.pdb");
    }

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
