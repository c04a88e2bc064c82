using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace NetworkProtocol.Server.Transport;

/// <summary>
/// Reads the state of a socket from the kernel (poll(2)), without waiting. .NET has no way to do so: to send zero bytes waits behind a send
/// that has not ended, and a read also ends for a half-close.
/// </summary>
internal static partial class SocketPoll
{
    private const short CanSend = 0x04; // POLLOUT
    private const short ErrorOrHangUp = 0x18; // POLLERR and POLLHUP, which poll reports without a request

    /// <summary>Whether the socket was reset or closed on both sides and cannot send any more. False if that cannot be known.</summary>
    public static bool IsOver(Socket socket) => (Ask(socket, ErrorOrHangUp, otherwise: 0) & ErrorOrHangUp) != 0;

    /// <summary>Whether a send would be accepted, or fail, at once. True if that cannot be known.</summary>
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
            handle.DangerousAddRef(ref held); // without it the number could belong to another socket by now
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
