using System.Diagnostics;
using Integration.Tests.Console;

namespace Integration.Tests.Edge;

/// <summary>A disk in memory of some MiB, which a test can fill. Mounting it needs root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SmallDisk(int mebibytes) => Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", _folder.Path);

    public string Path => _folder.Path;

    private string Filler => System.IO.Path.Combine(Path, "filler");

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        using var file = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // Now the disk is full.
        }
    }

    /// <summary>Gives the room back.</summary>
    public void Free() => File.Delete(Filler);

    public void Dispose()
    {
        Run("umount", "-l", Path);
        _folder.Dispose();
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }
}
