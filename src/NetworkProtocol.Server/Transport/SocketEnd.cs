using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace NetworkProtocol.Server.Transport;

/// <summary>
/// Asks the kernel whether a socket was reset or closed on both sides (poll(2): POLLHUP). .NET has no such question: sending nothing waits
/// behind a send that has not ended, and reading tells of a half-close, too.
/// </summary>
internal static partial class SocketEnd
{
    private const short ErrorOrHangUp = 0x18; // POLLERR and POLLHUP, which are told without being asked for

    /// <summary>Whether nothing can be sent any more. It does not wait. False where it cannot be known.</summary>
    public static bool IsOver(Socket socket)
    {
        if (OperatingSystem.IsWindows())
        {
            return false;
        }

        var handle = socket.SafeHandle;
        var held = false;
        try
        {
            handle.DangerousAddRef(ref held); // else the number could be another socket's by now
            var asked = new PollDescriptor { Descriptor = (int)handle.DangerousGetHandle() };
            return Poll(ref asked, 1, 0) > 0 && (asked.Events & ErrorOrHangUp) != 0;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
        finally
        {
            if (held)
            {
                handle.DangerousRelease();
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollDescriptor descriptors, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Asked;
        public short Events;
    }
}
