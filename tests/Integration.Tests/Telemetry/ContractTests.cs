using System.Text.RegularExpressions;

namespace Integration.Tests.Telemetry;

/// <summary>
/// The names of <c>/metrics</c>, which are a contract (docs/operations/monitoring.md), with type, labels and help, from the start on.
/// </summary>
[Trait("Needs", "Program")]
public sealed partial class ContractTests
{
    private static readonly Lazy<Task<string>> Fresh = new(async () =>
    {
        using var files = CertificateFiles.Create();
        await using var server = await ServerProcess.StartAsync(
            "--NetworkProtocol:Server:Tls:Mode=Optional",
            $"--NetworkProtocol:Server:Tls:CertificatePath={files.Certificate}",
            $"--NetworkProtocol:Server:Tls:KeyPath={files.Key}",
            "--NetworkProtocol:Upstreams:orders:Addresses:0=127.0.0.1:1",
            "--NetworkProtocol:Upstreams:orders:Commands:0=ORDER");
        using var http = new HttpClient { BaseAddress = server.Http };
        return await http.GetStringAsync("/metrics");
    });

    [Theory]
    [InlineData("connections_active", "gauge", "", "Open protocol connections.")]
    [InlineData("connections_limit", "gauge", "", "Protocol connections at once, at most.")]
    [InlineData("server_draining_since_timestamp_seconds", "gauge", "",
        "When the drain that is under way began, in Unix seconds; 0 while there is none.")]
    [InlineData("connections_total", "counter", "", "Protocol connections accepted.")]
    [InlineData("messages_total", "counter", "", "Messages received and sent.")]
    [InlineData("messages_received", "counter", "", "Messages received.")]
    [InlineData("messages_sent", "counter", "", "Messages sent.")]
    [InlineData("bytes_received_total", "counter", "", "Bytes of packets received.")]
    [InlineData("bytes_sent_total", "counter", "", "Bytes of packets sent.")]
    [InlineData("connections_rejected_total", "counter", "reason", "Connections refused by a limit.")]
    [InlineData("connections_out_of_descriptors_total", "counter", "",
        "Connections to any port refused because the process may open no more files and sockets.")]
    [InlineData("connections_closed_total", "counter", "reason", "Connections ended.")]
    [InlineData("handshakes_total", "counter", "result", "Handshakes, TLS's and ours.")]
    [InlineData("errors_total", "counter", "kind", "Errors.")]
    [InlineData("push_messages_total", "counter", "result",
        "Messages to clients that have not asked: sent, dropped because the outbox was full, lost with the connection.")]
    [InlineData("certificate_expires_timestamp_seconds", "gauge", "name", "When a certificate expires, in Unix seconds.")]
    [InlineData("certificate_chain_complete", "gauge", "name",
        "1 if a client that knows the root alone finds its way from the certificate to it, else 0.")]
    [InlineData("certificate_last_reload_successful", "gauge", "name",
        "1 if the last attempt to load a certificate went well, else 0: the one before stays in use.")]
    [InlineData("request_duration_seconds", "histogram", "command,le",
        "Time from a request's decoding, or from the end of a flush before it, to its answer.")]
    [InlineData("breaker_state", "gauge", "name", "0 closed, 1 half-open, 2 open, 3 isolated.")]
    [InlineData("breaker_transitions_total", "counter", "name,to", "Changes of a breaker's state.")]
    [InlineData("log_write_failures_total", "counter", "", "Events that could not be written to the log file.")]
    [InlineData("log_events_dropped_total", "counter", "output",
        "Events that an output of the log lacks, because it was not read, or not written, in time.")]
    [InlineData("build_info", "gauge", "version", "The version that runs.")]
    public async Task A_metric_has_its_name_type_labels_and_help(string name, string type, string labels, string help)
    {
        var metrics = await Fresh.Value;
        Assert.Contains($"\n# HELP {name} {help}\n# TYPE {name} {type}\n", $"\n{metrics}", StringComparison.Ordinal);
        var sample = type == "histogram" ? $"{name}_bucket" : name;
        string[] found = [.. Sample().Matches(metrics).Where(match => match.Groups["name"].Value == sample)
            .Select(match => string.Join(',', Label().Matches(match.Groups["labels"].Value).Select(label => label.Groups[1].Value)))];
        Assert.NotEmpty(found);
        Assert.All(found, its => Assert.Equal(labels, its));
    }

    [Fact]
    public async Task Every_known_value_of_a_label_is_there_with_0()
    {
        var metrics = await Fresh.Value;
        foreach (var (name, count) in ((string, int)[])
        [
            ("connections_rejected_total", 5), ("connections_closed_total", 23), ("handshakes_total", 2), ("errors_total", 20),
            ("push_messages_total", 3),
        ])
        {
            var samples = Sample().Matches(metrics).Where(match => match.Groups["name"].Value == name).ToArray();
            Assert.Equal((name, count), (name, samples.Length));
            Assert.All(samples, sample => Assert.Equal("0", sample.Groups["value"].Value));
        }
    }

    [Fact]
    public async Task Nothing_of_the_servers_meter_is_there_twice() =>
        Assert.DoesNotContain("networkprotocol_server", await Fresh.Value, StringComparison.Ordinal);

    [GeneratedRegex(@"^(?<name>[a-z_]+)(\{(?<labels>[^}]*)\})? (?<value>\S+)$", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex("([a-z_]+)=\"")]
    private static partial Regex Label();
}
