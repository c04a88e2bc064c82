using System.Net.Sockets;
using System.Text;

namespace NetworkProtocol.Server.Transport;

/// <summary>
/// Binds the Unix socket. It has mode 0660 before any client can connect. It replaces a stale socket, but no other file.
/// </summary>
internal static class LocalSocket
{
    private const int NoSuchDeviceOrAddress = 6; // ENXIO: the error for opening a socket as a file

    /// <summary>The longest path in bytes of UTF-8: sun_path of unix(7) has 108, with a zero at its end.</summary>
    private const int MaxPathBytes = 107;

    /// <summary>
    /// Below this folder systemd creates a service's own folder when the service starts (RuntimeDirectory=), so that an earlier check does
    /// not find it.
    /// </summary>
    private const string Runtime = "/run/";

    /// <summary>What is wrong with a path for a socket; null if the path is good.</summary>
    public static string? ProblemOf(string path) => !Path.IsPathRooted(path) ? "an absolute path, as /run/network-protocol/local.sock"
        : Encoding.UTF8.GetByteCount(path) > MaxPathBytes ? $"at most {MaxPathBytes} bytes long, and has {Encoding.UTF8.GetByteCount(path)}"
        : !Directory.Exists(Path.GetDirectoryName(path)) && !path.StartsWith(Runtime, StringComparison.Ordinal)
            ? $"in an existing folder, and there is no {Path.GetDirectoryName(path)}"
        : Directory.Exists(path) ? "a path for a socket, and is a folder"
        : null;

    /// <param name="endPoint">The socket's path.</param>
    /// <param name="setting">The key of the setting that has the path.</param>
    /// <exception cref="IOException">The path is in use, is a file that is not a socket, or cannot be created.</exception>
    public static Socket Bind(UnixDomainSocketEndPoint endPoint, string setting)
    {
        var path = endPoint.ToString()!;
        RemoveStale(path, endPoint, setting);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(endPoint);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException(
                $"{setting} = {path}: the socket cannot be made: {e.Message} (is there a folder "
                + $"{Path.GetDirectoryName(path)} that the program can write?)", e);
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        }

        return socket;
    }

    private static void RemoveStale(string path, UnixDomainSocketEndPoint endPoint, string setting)
    {
        if (!Path.Exists(path))
        {
            return;
        }

        if (!IsSocket(path))
        {
            throw new IOException(
                $"{setting} = {path}: a file that is not a socket already exists there");
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

        throw new IOException($"{setting} = {path}: another program listens there");
    }

    private static bool IsSocket(string path)
    {
        try
        {
            // Opened for reading and writing, so that a FIFO opens at once instead of waiting for its other end.
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
