using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Bans;
using NetworkProtocol.Server.Connections;

namespace Integration.Tests;

/// <summary>A client's identity: the first name of its certificate, or its user.</summary>
public sealed class ClientIdentityTests : IDisposable
{
    private readonly CertificateFiles _files = CertificateFiles.Create();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("", "spiffe://example.org/orders", "orders.example.org", "uri:spiffe://example.org/orders")]
    [InlineData("CN=orders", null, "orders.example.org", "dns:orders.example.org")]
    [InlineData("O=Example, CN=orders", null, null, "cn:orders")]
    [InlineData("CN=uid:0", null, null, "cn:uid:0")]
    [InlineData("CN=orders", null, "Orders.Example.ORG", "dns:orders.example.org")]
    [InlineData("O=Example", null, null, "")]
    public async Task A_certificate_names_its_client(string subject, string? uri, string? host, string expected)
    {
        await using var server = await StartAsync();
        using var certificate = _files.Client(subject, Names(uri, host));
        Assert.Equal(expected.Length == 0 ? "nobody" : expected, await AskAsync(server, certificate));
        var closed = await server.FirstClosedAsync();
        Assert.Equal(expected, closed.Identity.ToString());
        Assert.Equal((certificate.Issuer, 64), (closed.Identity.Issuer, closed.Identity.Thumbprint!.Length));
    }

    [Theory]
    [InlineData("30 06 86 04 61 FF 62 63")] // a URI with bytes that a URI cannot have
    [InlineData("30 80 86 02 61 62 00 00")] // BER
    public async Task A_certificate_whose_names_cannot_be_read_is_refused_with_the_reason(string names)
    {
        await using var server = await StartAsync();
        using var certificate = _files.Client("CN=orders", raw: Convert.FromHexString(names.Replace(" ", "", StringComparison.Ordinal)));
        await Assert.ThrowsAnyAsync<IOException>(() => AskAsync(server, certificate));
        var closed = await server.FirstClosedAsync();
        Assert.Equal(CloseReason.ClientCertificateRefused, closed.Reason);
        Assert.Contains("cannot be read", closed.LastError, StringComparison.Ordinal);
        Assert.Equal(ClientIdentity.None, closed.Identity);
    }

    [Fact]
    public async Task A_refused_certificate_gives_no_name()
    {
        await using var server = await StartAsync();
        using var strangers = CertificateFiles.Create();
        using var certificate = strangers.Client("CN=admin");
        await Assert.ThrowsAnyAsync<IOException>(() => AskAsync(server, certificate));
        Assert.Equal(ClientIdentity.None, (await server.FirstClosedAsync()).Identity);
    }

    [Fact]
    public async Task A_name_that_is_banned_stays_banned_with_a_new_certificate()
    {
        await using var server = await StartAsync();
        using var first = _files.Client("CN=orders");
        using var second = _files.Client("CN=orders");
        using var other = _files.Client("CN=orders-2");
        await using var connected = await ConnectAsync(server, first);
        Assert.Equal("cn:orders", await AskAsync(connected));
        Assert.Equal(
            1, server.Services.GetRequiredService<BanList>().Add(new Ban("1", Target("cn:orders"), "stolen", "tester", default, null)));
        Assert.Equal(CloseReason.Banned, (await server.FirstClosedAsync()).Reason);
        await Assert.ThrowsAnyAsync<IOException>(() => AskAsync(server, second));
        Assert.Equal("cn:orders-2", await AskAsync(server, other));
    }

    [Fact]
    public async Task The_user_at_a_Unix_socket_is_known_and_can_be_banned()
    {
        var path = Path.Combine(_files.Folder, "local.sock");
        await using var server = await TestServer.StartAsync(new() { ["LocalSocket"] = path }, Map);
        var name = $"uid:{Me}";
        await using (var client = await WireClient.ConnectAsync(new UnixDomainSocketEndPoint(path)))
        {
            await client.SendAsync(new Message.Custom("WHO", default));
            Assert.Equal(name, Text(await client.ReadAsync()));
        }

        server.Services.GetRequiredService<BanList>().Add(new Ban("1", Target(name), "runs wild", "tester", default, null));
        await using var refused = await WireClient.ConnectAsync(new UnixDomainSocketEndPoint(path));
        Assert.Null(await refused.ReadAsync()); // the client sends nothing, because the socket may be closed already
        Assert.Contains(await server.ClosedAsync(2), closed => closed.Reason == CloseReason.Banned);
    }

    private static void Map(Microsoft.AspNetCore.Builder.WebApplication app) =>
        app.MapCommand(
            "WHO",
            (Connection connection) => connection.Identity.Kind == ClientIdentityKind.None ? "nobody" : connection.Identity.ToString());

    private static SubjectAlternativeNameBuilder? Names(string? uri, string? host)
    {
        if (uri is null && host is null)
        {
            return null;
        }

        var names = new SubjectAlternativeNameBuilder();
        names.AddEmailAddress("orders@example.org");
        names.AddDnsName(host!);
        if (uri is not null)
        {
            names.AddUri(new Uri(uri));
        }

        return names;
    }

    private static string Me =>
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];

    private static BanTarget Target(string text)
    {
        Assert.True(BanTarget.TryParse(text, out var target, out _));
        return target;
    }

    private static string Text(Message? message) =>
        System.Text.Encoding.UTF8.GetString(Assert.IsType<Message.Custom>(message).Payload.Span);

    private Task<TestServer> StartAsync() => TestServer.StartAsync(
        new()
        {
            ["Tls:Mode"] = "Required", ["Tls:CertificatePath"] = _files.Certificate, ["Tls:KeyPath"] = _files.Key,
            ["Tls:ClientCertificates"] = "Required", ["Tls:ClientCaPath"] = _files.Authority,
        },
        Map);

    [SuppressMessage("Security", "CA5359", Justification = "The client is who is looked at here.")]
    private static async Task<SslStream> ConnectAsync(TestServer server, X509Certificate2 certificate)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.EndPoint);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null),
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        });
        return tls;
    }

    private static async Task<string> AskAsync(TestServer server, X509Certificate2 certificate)
    {
        await using var tls = await ConnectAsync(server, certificate);
        return await AskAsync(tls);
    }

    private static async Task<string> AskAsync(SslStream tls)
    {
        var request = new ArrayBufferWriter<byte>();
        PacketWriter.Write(request, new Message.Custom("WHO", default), channel: null);
        await tls.WriteAsync(request.WrittenMemory);
        var header = new byte[PacketHeader.Size];
        await tls.ReadExactlyAsync(header);
        var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(PacketHeader.Size - sizeof(int)))];
        await tls.ReadExactlyAsync(payload);
        Assert.True(MessageView.TryDecode(payload, out var message));
        return Text(message.ToMessage());
    }
}
