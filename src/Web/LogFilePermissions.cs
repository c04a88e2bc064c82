using System.Text;
using Serilog.Sinks.File;

namespace NetworkProtocol.Web;

/// <summary>Gives each log file its mode when it is opened, whatever the umask: the program that ships logs has to read it.</summary>
/// <param name="mode">Who may read and write it.</param>
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
