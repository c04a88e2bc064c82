using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace NetworkProtocol.Server.Transport;

/// <summary>
/// Asks the kernel how a socket is (poll(2)), without waiting. .NET cannot be asked: sending nothing waits behind a send that has not
/// ended, and reading tells of a half-close, too.
/// </summary>
internal static partial class SocketPoll
{
    private const short CanSend = 0x04; // POLLOUT
    private const short ErrorOrHangUp = 0x18; // POLLERR and POLLHUP, which are told without being asked for

    /// <summary>Whether it was reset or closed on both sides, so that nothing can be sent any more. False where it cannot be known.</summary>
    public static bool IsOver(Socket socket) => (Ask(socket, ErrorOrHangUp, otherwise: 0) & ErrorOrHangUp) != 0;

    /// <summary>Whether what is sent now is taken, or fails, at once. True where it cannot be known.</summary>
    public static bool IsWritable(Socket socket) => (Ask(socket, ErrorOrHangUp, otherwise: CanSend) & (CanSend | ErrorOrHangUp)) != 0;

    private static short Ask(Socket socket, short ifDisposed, short otherwise)
    {
        if (OperatingSystem.IsWindows())
        {
            return otherwise;
        }

        var handle = socket.SafeHandle;
        var held = false;
        try
        {
            handle.DangerousAddRef(ref held); // else the number could be another socket's by now
            var asked = new PollDescriptor { Descriptor = (int)handle.DangerousGetHandle(), Asked = CanSend };
            return Poll(ref asked, 1, 0) >= 0 ? asked.Events : otherwise;
        }
        catch (ObjectDisposedException)
        {
            return ifDisposed;
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
