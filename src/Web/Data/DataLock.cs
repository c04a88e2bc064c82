using System.Globalization;
using System.Text;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web.Data;

/// <summary>
/// The lock that keeps a second process out of the data folder: two processes would overwrite each other's bans and tokens. The kernel
/// releases the lock however the process ends.
/// </summary>
internal sealed class DataLock : IDisposable
{
    public const string FileName = "lock";

    private const int LongestNote = 200;

    private readonly FileStream _file;

    private DataLock(FileStream file) => _file = file;

    /// <exception cref="InvalidOperationException">Another process holds the lock; the message names it.</exception>
    public static DataLock Take(string folder)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            // A lock of a region leaves the file readable, which netproto backup needs. macOS can only lock the whole file.
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
                file.Lock(LongestNote, 1); // a region behind the text, because Windows lets no other process read a locked region
            }
        }
        catch (IOException e)
        {
            using (file)
            {
                throw new InvalidOperationException(
                    $"{AdminOptions.Section}:DataPath = {folder}: {ReadHolder(file)} already uses this folder; "
                        + "each process must have its own folder",
                    e);
            }
        }

        WriteHolder(file);
        return new DataLock(file);
    }

    public void Dispose() => _file.Dispose();

    private static void WriteHolder(FileStream file)
    {
        file.SetLength(0);
        var note = string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}\n");
        file.Write(Encoding.UTF8.GetBytes(note));
        file.Flush();
    }

    private static string ReadHolder(FileStream file)
    {
        var note = new byte[LongestNote];
        var length = file.ReadAtLeast(note, note.Length, throwOnEndOfStream: false);
        var text = PlainText.Of(Encoding.UTF8.GetString(note, 0, length).Trim());
        return text.StartsWith("process ", StringComparison.Ordinal) ? text : "another process";
    }
}
