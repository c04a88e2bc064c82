using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Integration.Tests.Operations;
using NetworkProtocol.Messages;

namespace Integration.Tests.Telemetry;

/// <summary>The data that the program sends by OTLP, and its behaviour without a receiver.</summary>
[Trait("Needs", "Program")]
public sealed class OtlpTests
{
    [Theory]
    [InlineData("Grpc")]
    [InlineData("HttpProtobuf")]
    public async Task Metrics_spans_and_log_lines_arrive(string protocol)
    {
        await using var receiver = await OtlpReceiver.StartAsync(protocol == "Grpc");
        await using var server = await StartAsync(
            receiver.Url, protocol, "--NetworkProtocol:Cluster:NodeId=web-7", "--NetworkProtocol:Telemetry:Otlp:Headers:x-key=a secret=1");
        await OrderAsync(server);
        await AssertArriveAsync(receiver);
        await Eventually.Async(() => Task.FromResult(receiver.MetricNames.Contains("networkprotocol.server.request.duration")
            && receiver.MetricNames.Contains("networkprotocol.client.connection_attempts")
            && receiver.MetricNames.Contains("dotnet.gc.collections")));
        Assert.All(receiver.Keys, key => Assert.Equal("a secret=1", key));
        Assert.All(receiver.Resources, resource =>
        {
            Assert.Contains("service.name=network-protocol", resource);
            Assert.Contains("service.instance.id=web-7", resource);
            Assert.Contains(resource, attribute => attribute.StartsWith("service.version=", StringComparison.Ordinal));
        });
        Assert.Contains("OpenTelemetry", LoadedFiles(server), StringComparison.Ordinal);
        using var http = new HttpClient { BaseAddress = server.Http };
        Assert.DoesNotContain("networkprotocol_server", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_that_is_away_is_nobodys_trouble_and_may_come_back()
    {
        var receiver = await OtlpReceiver.StartAsync(isGrpc: true);
        var (url, port) = (receiver.Url, new Uri(receiver.Url).Port);
        await receiver.DisposeAsync();
        await using var server = await StartAsync(url, "Grpc");
        await OrderAsync(server);
        await using var back = await OtlpReceiver.StartAsync(isGrpc: true, port);
        await Eventually.Async(async () =>
        {
            await OrderAsync(server);
            return back.SpanNames.Contains("ORDER");
        });
        await AssertArriveAsync(back);
        await server.SignalAsync("TERM");
        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.DoesNotContain("OpenTelemetry", server.Output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(url, server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_that_takes_nothing_holds_up_neither_requests_nor_the_end()
    {
        using var deaf = new TcpListener(IPAddress.Loopback, 0);
        deaf.Start(); // accepts connections, and never answers
        await using var server = await StartAsync($"http://{deaf.LocalEndpoint}", "HttpProtobuf");
        await OrderAsync(server);
        var watch = Stopwatch.StartNew();
        await server.SignalAsync("TERM");
        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        // The export must not be logged, because the log would be exported again.
        Assert.DoesNotContain("HttpClient", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_endpoint_nothing_of_it_is_loaded()
    {
        await using var server = await ServerProcess.StartAsync("--NetworkProtocol:Server:Tls:Mode=Disabled");
        Assert.Contains("Prometheus", LoadedFiles(server), StringComparison.Ordinal);
        Assert.DoesNotContain("OpenTelemetry", LoadedFiles(server), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Grpc")]
    [InlineData("HttpProtobuf")]
    public async Task A_check_of_the_settings_sends_nothing(string protocol)
    {
        using var receiver = new TcpListener(IPAddress.Loopback, 0);
        receiver.Start();
        var (exitCode, output, errors) = await ServerProcess.RunAsync(SendOften, Arguments(
            $"http://{receiver.LocalEndpoint}", protocol, "--check-config"));
        Assert.Equal((0, "The configuration is valid.\n", ""), (exitCode, output, errors));
        Assert.False(receiver.Pending()); // the system has accepted each connection that the program made
    }

    [Theory]
    [InlineData("collector:4317", "collector:4317")]
    [InlineData("ftp://collector", "ftp://collector")]
    [InlineData("http://me:secret@collector:4317", "(hidden)")]
    [InlineData("http://collector:4317?key=1", "(hidden)")]
    public async Task An_endpoint_that_is_none_is_refused(string endpoint, string shown)
    {
        var (exitCode, _, errors) = await ServerProcess.RunAsync(
            "--NetworkProtocol:Server:Tls:Mode=Disabled", $"--NetworkProtocol:Telemetry:Otlp:Endpoint={endpoint}",
            "--NetworkProtocol:Telemetry:Otlp:Headers:key=a,b", "--check-config");
        Assert.Equal(1, exitCode);
        Assert.Equal(
            $"NetworkProtocol:Telemetry:Otlp:Endpoint = {shown}: must be empty or an address as http://collector:4317, "
                + "with http or https and without a user, a query or a fragment\n"
                + "NetworkProtocol:Telemetry:Otlp:Headers:key: must be the name of an HTTP header other than User-Agent, "
                + "with a value of printable ASCII characters, without a comma\n",
            errors);
    }

    [Theory]
    [InlineData("key=a,b")]
    [InlineData("User-Agent=x")]
    public async Task A_wrong_header_is_refused_by_its_name_where_the_endpoint_is_right(string header)
    {
        var (exitCode, _, errors) = await ServerProcess.RunAsync(
            "--NetworkProtocol:Server:Tls:Mode=Disabled", "--NetworkProtocol:Telemetry:Otlp:Endpoint=http://127.0.0.1:1",
            $"--NetworkProtocol:Telemetry:Otlp:Headers:{header}");
        Assert.Equal(1, exitCode);
        Assert.StartsWith($"NetworkProtocol:Telemetry:Otlp:Headers:{header.Split('=')[0]}: must be", errors, StringComparison.Ordinal);
    }

    private static async Task AssertArriveAsync(OtlpReceiver receiver) => await Eventually.Async(
        () => Task.FromResult(receiver.SpanNames.Contains("ORDER")
            && receiver.MetricNames.Contains("networkprotocol.server.connections.active")
            && receiver.LogLines.Any()),
        () => $"metrics {receiver.MetricNames.Count()}, spans {receiver.SpanNames.Count()}, lines {receiver.LogLines.Count()}");

    private static Task<ServerProcess> StartAsync(string url, string protocol, params string[] more) =>
        ServerProcess.StartAsync(SendOften, Arguments(url, protocol, more));

    // OpenTelemetry's own settings. By default it sends metrics once per minute.
    private static void SendOften(ProcessStartInfo start)
    {
        start.Environment["OTEL_METRIC_EXPORT_INTERVAL"] = "200";
        start.Environment["OTEL_BSP_SCHEDULE_DELAY"] = "200";
        start.Environment["OTEL_BLRP_SCHEDULE_DELAY"] = "200";
    }

    private static string[] Arguments(string url, string protocol, params string[] more) =>
    [
        "--NetworkProtocol:Server:Tls:Mode=Disabled",
        "--Serilog:MinimumLevel:Default=Debug",
        "--NetworkProtocol:Upstreams:orders:Addresses:0=127.0.0.1:1",
        "--NetworkProtocol:Upstreams:orders:Commands:0=ORDER",
        $"--NetworkProtocol:Telemetry:Otlp:Endpoint={url}",
        $"--NetworkProtocol:Telemetry:Otlp:Protocol={protocol}",
        .. more,
    ];

    private static async Task OrderAsync(ServerProcess server)
    {
        await using var client = await ServedClient.ConnectAsync(server.Protocol);
        await client.SendAsync(new Message.Custom("ORDER", default));
        Assert.IsType<Message.Custom>(await client.ReadAsync());
    }

    private static string LoadedFiles(ServerProcess server) => File.ReadAllText($"/proc/{server.Id}/maps");
}
