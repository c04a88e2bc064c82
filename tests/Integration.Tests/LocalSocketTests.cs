using System.Net.Sockets;
using NetworkProtocol.Messages;

namespace Integration.Tests;

public sealed class LocalSocketTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("npro").FullName;

    private string SocketPath => Path.Combine(_folder, "local.sock");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Commands_come_without_a_handshake_and_the_file_is_for_owner_and_group()
    {
        await using var server = await StartAsync();
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite,
            File.GetUnixFileMode(SocketPath));
        await using var client = await WireClient.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
        await client.SendAsync(new Message.Echo("local"));
        Assert.Equal(new Message.Echo("local"), await client.ReadAsync());
    }

    [Fact]
    public async Task A_stale_socket_is_replaced()
    {
        using (var stale = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            stale.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, "other.sock")));
            File.Move(Path.Combine(_folder, "other.sock"), SocketPath);
        }

        await using var server = await StartAsync();
        await using var client = await WireClient.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
    }

    [Fact]
    public async Task A_file_that_is_no_socket_is_left_alone()
    {
        await File.WriteAllTextAsync(SocketPath, "precious");
        await Assert.ThrowsAsync<IOException>(StartAsync);
        Assert.Equal("precious", await File.ReadAllTextAsync(SocketPath));
    }

    [Fact]
    public async Task A_socket_in_use_is_left_alone()
    {
        await using var first = await StartAsync();
        await Assert.ThrowsAsync<IOException>(StartAsync);
        await using var client = await WireClient.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
    }

    private Task<TestServer> StartAsync() => TestServer.StartAsync(new() { ["LocalSocket"] = SocketPath });
}
