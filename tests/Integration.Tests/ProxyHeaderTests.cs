using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using CsCheck;
using Fuzz;
using Integration.Tests.Operations;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Messages;
using NetworkProtocol.Security;
using NetworkProtocol.Server.Connections;

namespace Integration.Tests;

/// <summary>PROXY headers of version 2 with everything that a proxy may append, and headers of version 1 up to the limit.</summary>
public sealed class ProxyHeaderTests
{
    private const string Signature = "0D0A0D0A000D0A515549540A";
    private const string V4 = "C0000201C000020204D220FB";
    private const string V6 = "20010DB800000000000000000000000120010DB800000000000000000000000204D220FB";
    private const string FromProxy = "127.0.0.1";
    private const string Appended = "ssl,cert-cn,cert-key,cert-sig,ssl-cipher,authority,unique-id,crc32c";

    private static readonly byte[] Families = [0x00, 0x11, 0x12, 0x21, 0x22, 0x31];
    private static readonly Dictionary<string, string?> Trusting = new() { ["TrustedProxies:0"] = "127.0.0.0/8" };

    public static TheoryData<string, string, int, string> Headers => new()
    {
        { "TCP over IPv4", "2111" + V4, 0, "192.0.2.1:1234" },
        { "what HAProxy sends with a long name", "2111" + V4, 529, "192.0.2.1:1234" },
        { "all that the format allows", "2111" + V4, ushort.MaxValue - 12, "192.0.2.1:1234" },
        { "TCP over IPv6", "2121" + V6, 4_000, "[2001:db8::1]:1234" },
        { "UDP over IPv4", "2112" + V4, 100, "192.0.2.1:1234" },
        { "LOCAL", "2000", 0, FromProxy },
        { "LOCAL with a family that is ignored", "20FF", 5_000, FromProxy },
        { "an unspecified family", "2100", 70, FromProxy },
        { "an unspecified protocol", "2110", 3, FromProxy },
        { "a Unix socket", "2131", 216, FromProxy },
        { "a Unix socket and more", "2131", 60_000, FromProxy },
    };

    public static TheoryData<string, string> WrongHeaders => new()
    {
        { "an IPv4 block that is short", Signature + "2111000B" + V4 },
        { "an IPv6 block that is short", Signature + "21210023" + V6 },
        { "version 1 in a binary header", Signature + "1111000C" + V4 },
        { "a command that does not exist", Signature + "2211000C" + V4 },
        { "a family that does not exist", Signature + "2141000C" + V4 },
        { "a protocol that does not exist", Signature + "2113000C" + V4 },
        { "a name where an address should be", Convert.ToHexString("PROXY TCP4 localhost 192.0.2.2 1 2\r\n"u8) },
        { "IPv6 said to be IPv4", Convert.ToHexString("PROXY TCP4 ::1 ::2 1 2\r\n"u8) },
        { "108 bytes of version 1", Convert.ToHexString("PROXY UNKNOWN "u8) + string.Concat(Enumerable.Repeat("78", 92)) + "0D0A" },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public async Task Whatever_follows_the_addresses_is_skipped(string what, string start, int more, string client)
    {
        await using var server = await TestServer.StartAsync(Trusting);
        await using var behind = await WireClient.ConnectAsync(server.EndPoint);
        await behind.SendAsync(Binary(start, more));
        await behind.ShakeHandsAsync(TimeProvider.System.GetUtcNow());
        await behind.SendAsync(new Message.Disconnect());
        Assert.True($"{(await server.FirstClosedAsync()).RemoteEndPoint}".StartsWith(client, StringComparison.Ordinal), what);
    }

    [Theory]
    [MemberData(nameof(WrongHeaders))]
    public async Task A_wrong_header_ends_the_connection(string what, string header)
    {
        await using var server = await TestServer.StartAsync(Trusting);
        await using var proxy = await WireClient.ConnectAsync(server.EndPoint);
        await proxy.SendAsync(Convert.FromHexString(header));
        await proxy.ReadToEndAsync();
        Assert.True((await server.FirstClosedAsync()).Reason == CloseReason.BadProxyHeader, what);
    }

    [Fact]
    public async Task The_longest_header_of_version_1_is_107_bytes()
    {
        await using var server = await TestServer.StartAsync(Trusting);
        await using var client = await WireClient.ConnectAsync(server.EndPoint);
        await client.SendAsync(System.Text.Encoding.ASCII.GetBytes("PROXY UNKNOWN " + new string('x', 91) + "\r\n"));
        await client.ShakeHandsAsync(TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public void However_it_is_cut_it_ends_at_the_same_byte_and_is_not_buffered() =>
        Gen.Select(Gen.Byte[0x20, 0x21], Gen.Int[0, Families.Length - 1], Gen.Int[36, ushort.MaxValue])
            .Select((command, family, length) =>
            {
                var header = ProxyTlvs.Header(length);
                (header[12], header[13]) = (command, Families[family]);
                return header;
            })
            .Sample(header => ProxyTlvs.Read(header) > 1, iter: 200);

    [Fact]
    public async Task A_header_that_never_ends_is_ended_when_the_handshake_s_time_is_over()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.StartAsync(Trusting, time: time);
        await using var proxy = await WireClient.ConnectAsync(server.EndPoint);
        await proxy.SendAsync(Binary("2111" + V4, 60_000).AsMemory(..^1));
        while (server.Registry.Count == 0)
        {
            await Task.Yield();
        }

        time.Advance(TimeSpan.FromSeconds(7));
        await proxy.ReadToEndAsync();
        Assert.Equal(CloseReason.HandshakeTimedOut, (await server.FirstClosedAsync()).Reason);
    }

    [Fact]
    [Trait("Needs", "Program")]
    public async Task HAProxy_may_send_all_that_it_knows_of_a_TLS_client()
    {
        await using var server = await TestServer.StartAsync(Trusting);
        using var files = CertificateFiles.Create();
        using var certificate = files.Client("CN=" + new string('c', 64));
        var port = FreePort.Take();
        var pair = Path.Combine(files.Folder, "pair.pem");
        await File.WriteAllTextAsync(pair, await File.ReadAllTextAsync(files.Certificate) + "\n" + await File.ReadAllTextAsync(files.Key));
        var configuration = Path.Combine(files.Folder, "haproxy.cfg");
        await File.WriteAllTextAsync(configuration, $"""
            defaults
              mode tcp
              timeout connect 5s
              timeout client 20s
              timeout server 20s
            frontend tls
              bind 127.0.0.1:{port} ssl crt {pair} ca-file {files.Authority} verify required
              unique-id-format {new string('u', 120)}
              default_backend node
            backend node
              server node {server.EndPoint} send-proxy-v2 proxy-v2-options {Appended}

            """);
        await using var proxy = Background.Start(new ProcessStartInfo("haproxy", ["-db", "-f", configuration]));
        using var socket = await ConnectAsync(port, proxy);
        await using var tls = new SslStream(
            new NetworkStream(socket), leaveInnerStreamOpen: false,
            (_, served, _, _) => served?.Issuer == files.AuthorityCertificate.Subject);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = string.Join('.', Enumerable.Repeat(new string('n', 60), 4)), ClientCertificates = [certificate],
        });
        using var handshake = new ClientHandshake();
        var init = new byte[ClientHandshake.InitLength];
        handshake.WriteInit(init, TimeProvider.System.GetUtcNow());
        await tls.WriteAsync(WireClient.Packet(init));
        await tls.ReadExactlyAsync(new byte[ServerHandshake.ResponseLength]);
        Assert.Equal(socket.LocalEndPoint, Assert.Single(server.Registry.Open).RemoteEndPoint);
    }

    private static async Task<Socket> ConnectAsync(int port, Background proxy)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Eventually.Async(async () =>
        {
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                return false; // HAProxy does not listen yet
            }
        }, () => proxy.Printed);
        return socket;
    }

    private static byte[] Binary(string start, int more)
    {
        var bytes = Convert.FromHexString(Signature + start[..4] + "0000" + start[4..])
            .Concat(Enumerable.Repeat((byte)0xEE, more)).ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(14), (ushort)(bytes.Length - 16));
        return bytes;
    }
}
