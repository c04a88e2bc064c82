using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Integration.Tests.Operations;

/// <summary>A listening socket that outlives the services that use it, like the socket of a <c>.socket</c> unit.</summary>
internal sealed partial class InheritedSocket : IDisposable
{
    private const int Backlog = 4096;
    private const int SetDescriptorFlags = 2; // F_SETFD

    private readonly Socket _socket;

    public InheritedSocket()
        : this(
            new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true },
            new IPEndPoint(IPAddress.IPv6Any, 0))
    {
    }

    /// <summary>A Unix socket.</summary>
    public InheritedSocket(string path)
        : this(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified), new UnixDomainSocketEndPoint(path))
    {
    }

    private InheritedSocket(Socket socket, EndPoint endPoint)
    {
        _socket = socket;
        _socket.Bind(endPoint);
        _socket.Listen(Backlog);
        Assert.Equal(0, Control(Handle, SetDescriptorFlags, 0)); // stays open when another program starts
    }

    public EndPoint Address => _socket.LocalEndPoint!;

    public IPEndPoint EndPoint => new(IPAddress.Loopback, ((IPEndPoint)_socket.LocalEndPoint!).Port);

    private int Handle => (int)_socket.Handle;

    /// <summary>
    /// Makes the socket the program's descriptor 3, with the variables of sd_listen_fds(3), which name the program's process.
    /// </summary>
    public void GiveTo(ProcessStartInfo start)
    {
        string[] command = [start.FileName, .. start.ArgumentList];
        start.FileName = "bash";
        start.ArgumentList.Clear();
        foreach (var word in (string[])["-c", $"exec 3<&{Handle}; export LISTEN_PID=$$ LISTEN_FDS=1; exec \"$@\"", "bash", .. command])
        {
            start.ArgumentList.Add(word);
        }
    }

    public void Dispose() => _socket.Dispose();

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int descriptor, int command, int argument);
}
