using System.Diagnostics;
using Integration.Tests.Edge;
using NetworkProtocol.Admin;

namespace Integration.Tests.Operations;

/// <summary>Sensors with programs that others have written publish at a real edge, and the values reach the hub.</summary>
public sealed class MqttClientTests
{
    private const string Paho = """
        import sys, paho.mqtt.client as mqtt
        port, version = int(sys.argv[1]), int(sys.argv[2])
        client = mqtt.Client(client_id='paho%d' % version, protocol=version)
        client.connect('127.0.0.1', port)
        client.loop_start()
        sent = [client.publish('paho/%d' % version, str(value), qos=1) for value in range(50)]
        for message in sent:
            message.wait_for_publish(20)
            assert message.is_published()
        client.disconnect()
        """;

    // The packet of wire-protocol.md: magic, version, length; then the tag of Custom, and the lengths of command and payload.
    private const string Shell = """
        set -eu
        little() { printf "$(printf '\\%03o' $(($1 % 256)) $(($1 / 256)) 0 0)"; }
        big() { printf "$(printf '\\%03o' 0 0 $(($1 / 256)) $(($1 % 256)))"; }
        publish() {
          printf 'NPRO\001'
          big $((4 + 8 + 7 + 8 + ${#1}))
          little 7; little 7; little 0; printf PUBLISH
          little ${#1}; little 0; printf %s "$1"
        }
        for value in 1 2 3; do publish "shell/value $value"; done | socat -t 10 - "UNIX-CONNECT:$1" | grep -ao PUBLISH | wc -l
        """;

    [Fact]
    public async Task Values_of_every_kind_of_sensor_reach_the_hub()
    {
        await using var nodes = new EdgeAndHub();
        var port = FreePort.Take();
        await Task.WhenAll(nodes.StartHubAsync(), nodes.StartEdgeAsync($"--NetworkProtocol:Edge:Mqtt:Listen=127.0.0.1:{port}"));
        string[] mosquitto = ["-h", "127.0.0.1", "-p", $"{port}", "-t"];
        var clients = new[] { "311", "5" }.SelectMany(version => new[]
        {
            Tool.RunAsync("mosquitto_pub", [.. mosquitto, $"mosquitto/{version}/0", "-V", version, "-q", "0", "-m", "1"]),
            Tool.RunAsync(
                new ProcessStartInfo("mosquitto_pub", [.. mosquitto, $"mosquitto/{version}/1", "-V", version, "-q", "1", "-l"]),
                "1\n2\n3\n"),
            Tool.RunAsync("/usr/bin/python3", "-c", Paho, $"{port}", version == "5" ? "5" : "4"),
        });
        Assert.All(await Task.WhenAll(clients), result => result.Good());
        Assert.Equal("3", (await Tool.RunAsync("sh", "-c", Shell, "sh", nodes.Socket)).Good().Output.Trim());
        Assert.Equal(0, (await NetprotoProcess.RunAsync("publish", $"unix:{nodes.Socket}", "netproto", "1")).ExitCode);
        var refused = await Tool.RunAsync("mosquitto_pub", [.. mosquitto, "t", "-V", "5", "-q", "1", "-m", "1", "--will-topic", "w"]);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("Implementation specific error", refused.All, StringComparison.Ordinal);
        var denied = await Tool.RunAsync("mosquitto_sub", [.. mosquitto, "t", "-V", "311", "-C", "1"]);
        Assert.Contains("All subscription requests were denied", denied.All, StringComparison.Ordinal);

        const int Expected = (2 * (1 + 3 + 50)) + 3 + 1;
        var (hub, http) = await nodes.ConnectAsync();
        using var _ = http;
        await EdgeAndHub.ReadingsAsync(hub, "netproto", Expected);
        var series = (await hub.HubSeriesAsync(null, null, new HubPaging())).Items.Select(one => one.Topic).Order(StringComparer.Ordinal);
        Assert.Equal(
            [
                "mosquitto/311/0", "mosquitto/311/1", "mosquitto/5/0", "mosquitto/5/1", "netproto", "paho/4", "paho/5", "shell/value",
            ],
            series);
        var values = await EdgeAndHub.ReadingsAsync(hub, "paho/5", Expected);
        Assert.Equal(Enumerable.Range(0, 50), values.Select(reading => (int)reading.Value!.Value).Reverse());
        Assert.Equal(Expected, (await hub.HubTotalsAsync()).Messages);
        Assert.Contains("edge_mqtt_clients 0", await MetricsOf(nodes.Edge), StringComparison.Ordinal);
    }

    private static async Task<string> MetricsOf(ServerProcess node)
    {
        using var http = new HttpClient { BaseAddress = node.Http };
        return await http.GetStringAsync("/metrics");
    }
}
