namespace Integration.Tests.Operations;

/// <summary>All shell scripts of the repository.</summary>
public sealed class ScriptTests
{
    [Fact]
    public async Task Shellcheck_has_nothing_to_say()
    {
        var files = await Tool.RunAsync("git", "-C", Repository.Root, "ls-files", "-z", "--cached", "--others", "--exclude-standard");
        var scripts = files.Good().Output
            .Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(file => Path.Combine(Repository.Root, file))
            .Where(file => File.Exists(file) && IsShell(file))
            .ToArray();
        Assert.True(scripts.Length >= 5, string.Join(", ", scripts));
        Assert.Equal("", (await Tool.RunAsync("shellcheck", ["--external-sources", .. scripts])).All);
        Assert.All(scripts, script => Assert.True(File.GetUnixFileMode(script).HasFlag(UnixFileMode.UserExecute), script));
    }

    private static bool IsShell(string file)
    {
        using var reader = new StreamReader(file);
        return reader.ReadLine() is { } first && first.StartsWith("#!", StringComparison.Ordinal)
            && first.Contains("sh", StringComparison.Ordinal);
    }
}
