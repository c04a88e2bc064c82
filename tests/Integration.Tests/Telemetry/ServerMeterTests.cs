using NetworkProtocol.Messages;
using NetworkProtocol.Server;

namespace Integration.Tests.Telemetry;

/// <summary>The library's meter, as a program sees it that uses only the library.</summary>
public sealed class ServerMeterTests
{
    [Fact]
    public async Task A_listener_sees_connections_messages_and_durations()
    {
        await using var server = await TestServer.StartAsync(map: app => app.MapCommand("ORDER", (string text) => text));
        using var meter = new MeterReading(server.Services);
        await using (var client = await ServedClient.ConnectAsync(server.EndPoint))
        {
            foreach (var request in (Message[])
                [new Message.Echo("hello"), new Message.Custom("ORDER", new byte[] { 65 }), new Message.Custom("NONE", default)])
            {
                await client.SendAsync(request);
                await client.ReadAsync();
            }

            Assert.Equal(1, meter.Read()["networkprotocol.server.connections.active"]);
        }

        await server.FirstClosedAsync();
        var values = meter.Read();
        Assert.Equal(0, values["networkprotocol.server.connections.active"]);
        Assert.Equal(1, values["networkprotocol.server.connections.accepted"]);
        Assert.Equal(1, values["networkprotocol.server.handshakes{ok}"]);
        Assert.Equal(1, values["networkprotocol.server.errors{unknown_command}"]);
        Assert.Equal(0, values["networkprotocol.server.errors{replay}"]);
        Assert.Equal(4, values["networkprotocol.server.messages{receive}"]); // the first message was a Ping
        Assert.Equal(4, values["networkprotocol.server.messages{transmit}"]);
        Assert.InRange(values["networkprotocol.server.io{receive}"], 10, 1000);
        string[] timed = [.. meter.Durations.Select(duration => duration.Key)];
        Assert.Equal(["PING", "ECHO", "ORDER"], timed.Select(key => key["networkprotocol.server.request.duration{".Length..^1]));
        Assert.All(meter.Durations, duration => Assert.InRange(duration.Seconds, 0, 60));
    }

    [Fact]
    public async Task Every_instrument_has_a_unit_and_a_description()
    {
        await using var server = await TestServer.StartAsync();
        using var meter = new MeterReading(server.Services);
        Assert.Equal(16, meter.Published.Count);
        Assert.All(meter.Published, instrument => Assert.StartsWith("networkprotocol.server.", instrument.Name, StringComparison.Ordinal));
        Assert.All(meter.Published, instrument => Assert.NotEqual("", instrument.Unit ?? ""));
        Assert.All(meter.Published, instrument => Assert.NotEqual("", instrument.Description ?? ""));
        var durations = Assert.Single(meter.Published.OfType<System.Diagnostics.Metrics.Histogram<double>>());
        Assert.Equal("s", durations.Unit);
        Assert.Equal([0.000_001, 0.000_004, 0.000_016], durations.Advice!.HistogramBucketBoundaries!.Take(3));
    }

    [Fact]
    public async Task Two_servers_in_one_process_count_apart()
    {
        await using var one = await TestServer.StartAsync();
        await using var other = await TestServer.StartAsync();
        await using var client = await ServedClient.ConnectAsync(one.EndPoint);
        Assert.Equal(1, MeterReading.Of(one)["networkprotocol.server.connections.active"]);
        Assert.Equal(0, MeterReading.Of(other)["networkprotocol.server.connections.active"]);
        Assert.Equal(0, MeterReading.Of(other)["networkprotocol.server.messages{receive}"]);
    }
}
