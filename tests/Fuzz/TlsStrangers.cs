using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Diagnostics;

namespace Fuzz;

/// <summary>
/// Sends bytes that start like TLS to a real server's port. The server must end the connection and must not report a fault of its own.
/// </summary>
internal static class TlsStrangers
{
    private const byte HandshakeRecord = 0x16;
    private const int LongestRead = 4096;
    private const int Patience = 20_000;

    private static readonly Lazy<(IPEndPoint EndPoint, ServerMetrics Metrics)> Server = new(Start);

    /// <summary>The first bytes that a client of this version sends.</summary>
    public static byte[] Hello(SslProtocols version)
    {
        using var sent = new FirstWrite();
        using var client = new SslStream(sent);
        var hello = client.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = version });
        Targets.Require(!hello.IsCompletedSuccessfully, "a handshake with nobody succeeded");
        return sent.Bytes;
    }

    /// <summary>Sends the input and nothing more. The result is the server's answer.</summary>
    public static int Send(byte[] bytes)
    {
        var (endPoint, metrics) = Server.Value;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            ReceiveTimeout = Patience,
            LingerState = new LingerOption(enable: true, seconds: 0), // otherwise this many connections would use up the ports
        };
        socket.Connect(endPoint);
        var answer = new byte[LongestRead];
        var length = 0;
        try
        {
            socket.Send([HandshakeRecord, .. bytes]);
            socket.Shutdown(SocketShutdown.Send);
            while (socket.Receive(answer.AsSpan(length)) is > 0 and var read)
            {
                length += read;
            }
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            // The server ended the connection before it had read everything.
        }

        Targets.Require(metrics.Read().Errors == 0, "the server took what came for an error");
        return length < 7 ? length : Targets.Kind(Targets.Bucket(length), answer[0] % 64, answer[5] % 64, answer[6] % 64);
    }

    private static (IPEndPoint EndPoint, ServerMetrics Metrics) Start()
    {
        var folder = Directory.CreateTempSubdirectory("fuzz-tls-").FullName;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        var (certificatePath, keyPath) = (Path.Combine(folder, "server.crt"), Path.Combine(folder, "server.key"));
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["NetworkProtocol:Server:Listen"] = "127.0.0.1:0",
            ["NetworkProtocol:Server:Tls:CertificatePath"] = certificatePath,
            ["NetworkProtocol:Server:Tls:KeyPath"] = keyPath,
        });
        builder.Services.AddNetworkProtocolServer();
        var app = builder.Build();
        app.StartAsync().GetAwaiter().GetResult();
        Directory.Delete(folder, recursive: true);
        return (new IPEndPoint(IPAddress.Loopback, app.Services.GetRequiredService<ServerState>().EndPoint!.Port),
            app.Services.GetRequiredService<ServerMetrics>());
    }

    /// <summary>Keeps all written bytes, and never answers.</summary>
    private sealed class FirstWrite : MemoryStream
    {
        private readonly TaskCompletionSource<int> _never = new();

        public byte[] Bytes => ToArray();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(_never.Task);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
    }
}
