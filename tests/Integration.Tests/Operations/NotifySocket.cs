using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Integration.Tests.Operations;

/// <summary>The socket of systemd that receives the messages of a <c>Type=notify</c> service, in order.</summary>
internal sealed class NotifySocket : IDisposable
{
    private const int LongestMessage = 4096;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("notify-");
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public NotifySocket() => _socket.Bind(new UnixDomainSocketEndPoint(Path));

    private string Path => System.IO.Path.Combine(_folder.FullName, "notify");

    /// <summary>Gives the socket to a program, as systemd does.</summary>
    public void GiveTo(ProcessStartInfo start) => start.Environment["NOTIFY_SOCKET"] = Path;

    /// <summary>The next message, except watchdog messages.</summary>
    public async Task<string> NextAsync()
    {
        string message;
        do
        {
            message = await NextOfAllAsync();
        }
        while (message.StartsWith("WATCHDOG", StringComparison.Ordinal));
        return message;
    }

    public async Task<string> NextOfAllAsync()
    {
        var buffer = new byte[LongestMessage];
        using var deadline = new CancellationTokenSource(Patience);
        var length = await _socket.ReceiveAsync(buffer, deadline.Token);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _folder.Delete(recursive: true);
    }
}
