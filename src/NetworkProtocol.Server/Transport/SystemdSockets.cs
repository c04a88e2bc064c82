using System.Globalization;
using System.Net.Sockets;

namespace NetworkProtocol.Server.Transport;

/// <summary>Finds the listening sockets that systemd passes to this process, as sd_listen_fds(3) describes it.</summary>
internal static class SystemdSockets
{
    private const int FirstDescriptor = 3; // SD_LISTEN_FDS_START

    /// <exception cref="IOException">The server cannot listen on one of the sockets.</exception>
    public static IReadOnlyList<SystemdSocket> Find()
    {
        var isForUs = Environment.GetEnvironmentVariable("LISTEN_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return isForUs && int.TryParse(Environment.GetEnvironmentVariable("LISTEN_FDS"), CultureInfo.InvariantCulture, out var count)
            ? [.. Enumerable.Range(FirstDescriptor, count).Select(Inspect)]
            : [];
    }

    private static SystemdSocket Inspect(int descriptor)
    {
        try
        {
            using var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: false));
            var isTcp = socket.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6;
            return socket.SocketType == SocketType.Unknown ? throw Refuse(descriptor, "no socket")
                : socket.SocketType != SocketType.Stream || !(isTcp || socket.AddressFamily == AddressFamily.Unix)
                ? throw Refuse(descriptor, $"a {socket.SocketType} socket of {socket.AddressFamily}")
                : !IsListening(socket) ? throw Refuse(descriptor, "one connection")
                : new SystemdSocket(descriptor, isTcp ? null : $"{socket.LocalEndPoint}");
        }
        catch (SocketException e)
        {
            throw Refuse(descriptor, $"no socket ({e.Message})");
        }
    }

    private static bool IsListening(Socket socket) =>
        socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is not 0;

    private static IOException Refuse(int descriptor, string what) => new(
        $"LISTEN_FDS: descriptor {descriptor}{Name(descriptor)}, which systemd hands over, is {what}: must be a listening TCP or Unix "
        + "stream socket, as ListenStream= makes it without Accept=yes");

    private static string Name(int descriptor) =>
        Environment.GetEnvironmentVariable("LISTEN_FDNAMES")?.Split(':').ElementAtOrDefault(descriptor - FirstDescriptor)
            is { Length: > 0 } name ? $" ({name})" : "";
}
