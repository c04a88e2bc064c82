using System.Net.Sockets;

namespace NetworkProtocol.Server;

/// <summary>Binds the Unix socket: mode 0660 before anyone can connect, over a stale socket but over no other file.</summary>
internal static class LocalSocket
{
    private const int NoSuchDeviceOrAddress = 6; // ENXIO: what opening a socket as a file gives

    /// <exception cref="IOException">The path is in use, or is a file that is no socket.</exception>
    public static Socket Bind(UnixDomainSocketEndPoint endPoint)
    {
        var path = endPoint.ToString()!;
        RemoveStale(path, endPoint);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(endPoint);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        }

        return socket;
    }

    private static void RemoveStale(string path, UnixDomainSocketEndPoint endPoint)
    {
        if (!Path.Exists(path))
        {
            return;
        }

        if (!IsSocket(path))
        {
            throw new IOException($"{ServerOptionsValidator.Section}:LocalSocket = {path}: a file that is no socket is there");
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(endPoint);
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }

        throw new IOException($"{ServerOptionsValidator.Section}:LocalSocket = {path}: another program listens there");
    }

    private static bool IsSocket(string path)
    {
        try
        {
            // For reading and writing, so that a FIFO opens at once instead of waiting for its other end.
            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite).Dispose();
            return false;
        }
        catch (IOException e) when ((e.HResult & 0xFFFF) == NoSuchDeviceOrAddress)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
