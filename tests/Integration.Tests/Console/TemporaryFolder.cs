namespace Integration.Tests.Console;

/// <summary>A folder that is removed after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("np-");

    public string Path => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
