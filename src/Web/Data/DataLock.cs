using System.Globalization;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web.Data;

/// <summary>
/// Keeps a second process out of the data folder, where each would overwrite the other's bans and tokens. The kernel gives the lock back
/// whichever way the process ends.
/// </summary>
internal sealed class DataLock : IDisposable
{
    public const string FileName = "lock";

    private const int LongestNote = 200;

    private readonly FileStream _file;

    private DataLock(FileStream file) => _file = file;

    /// <exception cref="InvalidOperationException">Another process has it: the message says which.</exception>
    public static DataLock Take(string folder)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            // A lock of a region leaves the file readable, and netproto backup reads all files. macOS has only the other kind.
            Share = OperatingSystem.IsMacOS() ? FileShare.None : FileShare.ReadWrite,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = DataFolder.OwnerOnly;
        }

        var file = new FileStream(Path.Combine(folder, FileName), options);
        try
        {
            if (!OperatingSystem.IsMacOS())
            {
                file.Lock(LongestNote, 1); // beyond the text, which Windows would else let nobody read
            }
        }
        catch (IOException e)
        {
            using (file)
            {
                throw new InvalidOperationException(
                    $"{AdminOptions.Section}:DataPath = {folder}: is used by {Holder(file)} already; each process must have a folder of its own", e);
            }
        }

        Sign(file);
        return new DataLock(file);
    }

    public void Dispose() => _file.Dispose();

    private static void Sign(FileStream file)
    {
        file.SetLength(0);
        file.Write(System.Text.Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}\n")));
        file.Flush();
    }

    private static string Holder(FileStream file)
    {
        var note = new byte[LongestNote];
        var length = file.ReadAtLeast(note, note.Length, throwOnEndOfStream: false);
        var text = PlainText.Of(System.Text.Encoding.UTF8.GetString(note, 0, length).Trim());
        return text.StartsWith("process ", StringComparison.Ordinal) ? text : "another process";
    }
}
