using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using Integration.Tests.Operations;
using NetworkProtocol.Packets;
using NetworkProtocol.Server.Connections;

namespace Integration.Tests;

/// <summary>TLS in the real program: strangers that do not speak TLS, and clients that need to know how a connection ended.</summary>
[Trait("Needs", "Program")]
public sealed class TlsStrangerTests : IAsyncLifetime
{
    private const int RandomRecords = 50;

    private readonly CertificateFiles _files = CertificateFiles.Create();
    private ServerProcess _server = null!;

    public async Task InitializeAsync() => _server = await ServerProcess.StartAsync(
        $"--NetworkProtocol:Server:Tls:CertificatePath={_files.Certificate}", $"--NetworkProtocol:Server:Tls:KeyPath={_files.Key}",
        "--Serilog:MinimumLevel:Default=Debug");

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task Bytes_that_look_like_TLS_are_TLS_failed_and_no_server_error()
    {
        var random = new Random(20261128);
        byte[][] records =
        [
            [0x16, 0x03, 0x01, 0x00, 0x05, .. "hello"u8], // the header of a handshake record without a ClientHello
            [0x16, 0x03, 0x03, 0x40, 0x00, .. RandomBytes(random, 0x4000)],
            [0x16, 0x03, 0x01, 0xFF, 0xFF, .. RandomBytes(random, 100)],
            [0x16, 0x03, 0x01, 0x00, 0x00],
            [0x16, 0x03, 0x01, 0x00, 0x04, 0x01, 0x00, 0x00, 0x00], // an empty ClientHello
            [0x16, 0x03, 0x01, 0x00, 0x04, 0x02, 0x00, 0x00, 0x00], // a ServerHello
            [0x16, 0x02, 0x00, 0x00, 0x01, 0x01],
            [0x16, .. "NPRO"u8],
            .. Enumerable.Range(0, RandomRecords).Select(_ => RandomRecord(random)),
        ];
        foreach (var record in records)
        {
            await using var stranger = await WireClient.ConnectAsync(_server.Protocol);
            await stranger.SendAsync(record);
            stranger.Socket.Shutdown(SocketShutdown.Send);
            await stranger.ReadToEndAsync();
        }

        var tlsFailed = new[] { "connections_closed_total{reason=\"tls_failed\"}", "handshakes_total{result=\"refused\"}" };
        await Eventually.Async(async () => await ValueAsync(tlsFailed[0]) == records.Length, () => "not all are tls_failed");
        Assert.Equal(records.Length, await ValueAsync(tlsFailed[1]));
        Assert.Equal(0, await ValueAsync("errors_total{kind=\"server\"}"));
        await _server.SignalAsync("TERM");
        Assert.Equal(0, await _server.WaitForExitAsync());
        Assert.DoesNotContain(" ERR ", _server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", _server.Output, StringComparison.Ordinal);
        Assert.Equal(records.Length, _server.Output.Split('\n').Count(line => line.Contains("tls_failed", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("-tls1_3", "NPRO\\x01\\x00\\x00\\x00\\x04\\x06\\x00\\x00\\x00")] // Disconnect
    [InlineData("-tls1_2", "NPRO\\x01\\x00\\x00\\x00\\x04\\x06\\x00\\x00\\x00")]
    [InlineData("-tls1_3", "GET / HTTP/1.1\\r\\n\\r\\n")]
    [InlineData("-tls1_2", "GET / HTTP/1.1\\r\\n\\r\\n")]
    [InlineData("-tls1_3", "NPRO\\x02")]
    [InlineData("-tls1_3", "NPRO\\x01\\x00\\x00\\x00\\x04\\x00\\x00\\x00\\x00GARBAGE")] // a Ping before it
    [InlineData("-tls1_3", "NPRO\\x01\\x00\\x00\\x00\\x04\\x02\\x00\\x00\\x00")] // a handshake message out of place
    public async Task A_TLS_connection_ends_with_close_notify(string version, string bytes)
    {
        var client = new ProcessStartInfo("sh",
            ["-c", $"printf '{bytes}' | openssl s_client -connect {_server.Protocol} {version} -CAfile "
                + $"{_files.Authority} -quiet -ign_eof"]); // which stays connected at the end of its input
        var ended = await Tool.RunAsync(client, "");
        Assert.DoesNotContain("unexpected eof", ended.Errors, StringComparison.Ordinal);
        Assert.Equal(0, ended.ExitCode);
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] RandomRecord(Random random)
    {
        var body = RandomBytes(random, random.Next(300));
        return [0x16, 0x03, (byte)random.Next(5), (byte)(body.Length >> 8), (byte)body.Length, .. body];
    }

    private async Task<double> ValueAsync(string metric)
    {
        using var http = new HttpClient();
        var lines = (await http.GetStringAsync(new Uri(_server.Http, "metrics"))).Split('\n');
        return double.Parse(
            lines.Single(line => line.StartsWith(metric, StringComparison.Ordinal)).Split(' ')[1],
            System.Globalization.CultureInfo.InvariantCulture);
    }
}
