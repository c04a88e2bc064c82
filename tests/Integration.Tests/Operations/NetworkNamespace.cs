using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Integration.Tests.Operations;

/// <summary>A simulated machine with its own network: interfaces, addresses and firewall.</summary>
internal sealed partial class NetworkNamespace : IAsyncDisposable
{
    private const int Backlog = 4096;
    private const int NewNetwork = 0x40000000; // CLONE_NEWNET

    private readonly List<Socket> _sockets = [];

    private NetworkNamespace(string name) => Name = name;

    public string Name { get; }

    public string Path => $"/run/netns/{Name}";

    public static async Task<NetworkNamespace> CreateAsync()
    {
        var made = new NetworkNamespace($"np-{Guid.NewGuid():N}");
        (await Tool.RunAsync("ip", "netns", "add", made.Name)).Good();
        await made.SetUpAsync("link set lo up");
        return made;
    }

    /// <summary>Runs commands of ip(8), one per line.</summary>
    public async Task SetUpAsync(string commands) =>
        (await Tool.RunAsync(new ProcessStartInfo("ip", ["-n", Name, "-batch", "-"]), commands + "\n")).Good();

    public Task<ToolResult> RunAsync(string program, params string[] arguments) => RunAsync("", program, arguments);

    public Task<ToolResult> RunAsync(string input, string program, string[] arguments) =>
        Tool.RunAsync(new ProcessStartInfo("nsenter", [$"--net={Path}", program, .. arguments]), input);

    /// <summary>Listens on a port of every address. The kernel completes handshakes also if no program accepts.</summary>
    public async Task<Socket> ListenAsync(IPAddress address, int port)
    {
        var socket = await SocketAsync(address, port);
        socket.Listen(Backlog);
        return socket;
    }

    /// <summary>Starts a connection from one of the machine's addresses.</summary>
    public async Task<Attempt> ConnectAsync(string from, string to, int port)
    {
        var socket = await SocketAsync(IPAddress.Parse(from), 0);
        return new Attempt(socket, socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(to), port)));
    }

    /// <summary>Runs an action on a thread in the namespace. Its sockets stay in the namespace, also when other threads use them.</summary>
    public Task<T> InsideAsync<T>(Func<T> make)
    {
        var made = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                using var space = File.OpenHandle(Path);
                Assert.Equal(0, Enter(space, NewNetwork));
                made.SetResult(make());
            }
            catch (Exception failure)
            {
                made.SetException(failure);
            }
        }).Start();
        return made.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _sockets.ForEach(socket => socket.Dispose());
        await Tool.RunAsync("ip", "netns", "delete", Name);
    }

    private async Task<Socket> SocketAsync(IPAddress address, int port)
    {
        var socket = await InsideAsync(() => new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        _sockets.Add(socket);
        socket.Bind(new IPEndPoint(address, port));
        return socket;
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int Enter(SafeFileHandle space, int kind);
}

/// <summary>A connection attempt.</summary>
internal sealed record Attempt(Socket Socket, Task Connected);
