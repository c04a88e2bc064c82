using System.Text;
using Serilog.Sinks.File;

namespace NetworkProtocol.Web;

/// <summary>
/// Sets the mode of each log file when the file is opened, independently of the umask, so that a log collector can read the file.
/// </summary>
/// <param name="mode">The mode of the file.</param>
internal sealed class LogFilePermissions(UnixFileMode mode) : FileLifecycleHooks
{
    public override Stream OnFileOpened(string path, Stream underlyingStream, Encoding encoding)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }

        return underlyingStream;
    }
}
