using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;

namespace Integration.Tests;

/// <summary>The counters of <c>/metrics</c>, and their first values.</summary>
[Trait("Needs", "Program")]
public sealed class MetricsTests
{
    [Theory]
    [InlineData("connections_rejected_total{reason=\"server_full\"} 0")]
    [InlineData("connections_closed_total{reason=\"handshake_timed_out\"} 0")]
    [InlineData("handshakes_total{result=\"refused\"} 0")]
    [InlineData("errors_total{kind=\"did_not_decode\"} 0")]
    [InlineData("errors_total{kind=\"upstream\"} 0")]
    [InlineData("breaker_transitions_total{name=\"orders:127.0.0.1:1\",to=\"half_open\"} 0")]
    [InlineData("request_duration_seconds_count{command=\"ORDER\"} 0")]
    public async Task Counters_are_there_before_their_first_event(string line) =>
        Assert.Contains($"\n{line}\n", await Fresh.Value, StringComparison.Ordinal);

    [Fact]
    public async Task Nothing_is_told_of_the_runtimes_insides() =>
        Assert.DoesNotContain("internaldiagnostics", await Fresh.Value, StringComparison.OrdinalIgnoreCase);

    [Theory]
    [InlineData("Required", "NPRO", CloseReason.HandshakeRefused)]
    [InlineData("Disabled", "GET / HTTP/1.1\r\n\r\n", CloseReason.BadMagic)]
    [InlineData("Disabled", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", CloseReason.BadProxyHeader)]
    [InlineData("Disabled", "NPRO", CloseReason.HandshakeTimedOut)]
    [InlineData("Disabled", "", CloseReason.HandshakeTimedOut)]
    [InlineData("Required", "\u0016", CloseReason.TlsFailed, CloseReason.HandshakeTimedOut)]
    public async Task A_handshake_that_makes_no_connection_is_refused_once(string mode, string sent, params CloseReason[] reasons)
    {
        using var files = CertificateFiles.Create();
        await using var server = await StartAsync(files, mode, reasons.Contains(CloseReason.HandshakeTimedOut) ? "00:00:00.2" : "00:05:00");
        await using var client = await WireClient.ConnectAsync(server.EndPoint);
        await client.SendAsync(System.Text.Encoding.Latin1.GetBytes(sent));
        await client.ReadToEndAsync();
        Assert.Contains((await server.FirstClosedAsync()).Reason, reasons);
        AssertHandshakes(server, good: 0, refused: 1);
    }

    [Fact]
    public async Task A_port_check_that_says_nothing_is_no_handshake()
    {
        using var files = CertificateFiles.Create();
        await using var server = await StartAsync(files, "Required");
        await (await WireClient.ConnectAsync(server.EndPoint)).DisposeAsync();
        await server.FirstClosedAsync();
        AssertHandshakes(server, good: 0, refused: 0);
    }

    private static Lazy<Task<string>> Fresh { get; } = new(async () =>
    {
        await using var server = await ServerProcess.StartAsync(
            "--NetworkProtocol:Server:Tls:Mode=Disabled",
            "--NetworkProtocol:Upstreams:orders:Addresses:0=127.0.0.1:1", "--NetworkProtocol:Upstreams:orders:Commands:0=ORDER");
        using var http = new HttpClient { BaseAddress = server.Http };
        return await http.GetStringAsync("/metrics");
    });

    private static void AssertHandshakes(TestServer server, long good, long refused)
    {
        var counts = server.Services.GetRequiredService<ServerMetrics>().Read();
        Assert.Equal((good, refused), (counts.HandshakesGood, counts.HandshakesRefused));
    }

    private static Task<TestServer> StartAsync(CertificateFiles files, string mode, string timeout = "00:05:00") =>
        TestServer.StartAsync(new Dictionary<string, string?>
        {
            ["HandshakeTimeout"] = timeout,
            ["Tls:Mode"] = mode,
            ["Tls:CertificatePath"] = files.Certificate,
            ["Tls:KeyPath"] = files.Key,
        });
}
