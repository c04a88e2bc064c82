using System.Text;
using Integration.Tests.Operations;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Edge;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Forwarding;

namespace Integration.Tests.Edge;

/// <summary>What an edge takes over MQTT, byte by byte. MqttClientTests has real clients.</summary>
public sealed class MqttTests(MqttTests.Shared shared) : IClassFixture<MqttTests.Shared>
{
    private const byte ProtocolError = 0x82;
    private const byte Malformed = 0x81;

    private MqttEdge Edge => shared.Edge;

    /// <summary>What CONNACK of MQTT 5 excludes, and the packets that are refused all the same.</summary>
    public static TheoryData<string, byte> Violations => new()
    {
        { "QoS 2", 0x9B }, { "retain", 0x9A }, { "alias", 0x94 }, { "wildcard subscription", 0xA2 }, { "shared subscription", 0x9E },
        { "QoS 3", Malformed }, { "duplicate with QoS 0", Malformed }, { "wildcard topic", Malformed }, { "topic not UTF-8", Malformed },
        { "reserved flags", Malformed }, { "long length", Malformed }, { "cut string", Malformed },
        { "empty topic", ProtocolError }, { "identifier 0", ProtocolError }, { "second CONNECT", ProtocolError },
        { "PUBREL", ProtocolError }, { "identifier in use", ProtocolError }, { "1 MiB topic", 0x95 }, { "AUTH", ProtocolError },
        { "control character, QoS 0", 0x90 },
    };

    [Fact]
    public async Task A_client_of_version_5_hears_what_is_offered()
    {
        using var sensor = await MqttSensor.OpenAsync(Edge.EndPoint);
        await sensor.SendAsync(MqttSensor.Connect(5, keepAlive: 1000, properties: [17, 0, 0, 0, 60]));
        var answer = Convert.ToHexString((await sensor.ReadAsync())!);
        Assert.StartsWith("200000", answer, StringComparison.Ordinal);

        // Session expiry 1 s, receive maximum 256, maximum QoS 1, no retain, maximum packet size, no wildcard, identifiers and shared
        // subscriptions, server keep alive 300 s, and an identifier.
        Assert.All(
            ["1100000001", "210100", "2401", "2500", "2700031400", "2800", "2900", "2A00", "13012C", "120025"],
            property => Assert.Contains(property, answer, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Messages_are_stored_in_their_order_and_acknowledged(int version)
    {
        await using var edge = await MqttEdge.StartAsync();
        using var sensor = await MqttSensor.ConnectAsync(edge.EndPoint, version, "s1");
        await sensor.SendAsync(
            [.. Enumerable.Range(1, 1000).Select(i => i % 3 == 0 ? sensor.Publish(0, "t", $"{i}", 0) : sensor.Publish(i, "t", $"{i}"))]);
        foreach (var id in Enumerable.Range(1, 1000).Where(i => i % 3 != 0))
        {
            await sensor.ExpectAsync([MqttSensor.PubAck, .. MqttSensor.Number(id)]);
        }

        await sensor.SendAsync(MqttSensor.Packet(0xC0, []), MqttSensor.Packet(0xE0, []));
        await sensor.ExpectAsync([0xD0]);
        Assert.Null(await sensor.ReadAsync());
        Assert.Equal(Enumerable.Range(1, 1000).Select(i => $"t={i}"), await edge.StoredAsync());
    }

    [Fact]
    public async Task A_message_with_QoS_0_is_stored_though_its_sensor_leaves_at_once()
    {
        await using var edge = await MqttEdge.StartAsync();
        using (var sensor = await MqttSensor.ConnectAsync(edge.EndPoint, 4))
        {
            await sensor.SendAsync(sensor.Publish(0, "t", "1", 0), MqttSensor.Packet(0xE0, []));
        }

        await Eventually.Async(async () => (await edge.StoredAsync()).Count == 1);
    }

    [Fact]
    public async Task A_message_is_acknowledged_when_the_disk_has_it_and_not_before()
    {
        using var sensor = await MqttSensor.ConnectAsync(Edge.EndPoint);
        using var other = await MqttSensor.ConnectAsync(Edge.EndPoint, 4);
        using (await Edge.HoldAsync())
        {
            await sensor.SendAsync(sensor.Publish(1, "t", "1"), sensor.Publish(2, "t", "2"), sensor.Publish(2, "t", "2", 10));
            await other.SendAsync(other.Publish(1, "t", "3"));
            await Eventually.Async(() => Task.FromResult(Edge.Waiting >= 3)); // the third is a duplicate of the second
            Assert.False(sensor.HasAnswer || other.HasAnswer);
        }

        await sensor.ExpectAsync([MqttSensor.PubAck, 0, 1]);
        await sensor.ExpectAsync([MqttSensor.PubAck, 0, 2]);
        await sensor.ExpectAsync([MqttSensor.PubAck, 0, 2]);
        await other.ExpectAsync([MqttSensor.PubAck, 0, 1]);
    }

    [Fact]
    public async Task A_disk_that_takes_nothing_leads_to_a_refusal_and_the_sensor_can_send_again()
    {
        await using var edge = await MqttEdge.StartAsync();
        using var five = await MqttSensor.ConnectAsync(edge.EndPoint);
        using var three = await MqttSensor.ConnectAsync(edge.EndPoint, 4);
        await edge.RefuseAsync(true);
        await five.SendAsync(five.Publish(0, "t", "0", 0), five.Publish(1, "t", "1"));
        Assert.Equal([MqttSensor.PubAck, 0, 1, 0x83], (await five.ReadAsync())!.Take(4));
        await three.SendAsync(three.Publish(1, "t", "2"));
        Assert.Null(await three.ReadAsync());
        await edge.RefuseAsync(false);
        await five.SendAsync(five.Publish(1, "t", "3"));
        await five.ExpectAsync([MqttSensor.PubAck, 0, 1]);
        Assert.Equal(["t=3"], await edge.StoredAsync());
    }

    [Fact]
    public async Task A_full_buffer_is_an_exceeded_quota()
    {
        await using var edge = await MqttEdge.StartAsync(
            options => (options.OfflineBufferSize, options.WhenFull) = (1, WhenFull.DropNewest));
        using var sensor = await MqttSensor.ConnectAsync(edge.EndPoint);
        await sensor.SendAsync(sensor.Publish(1, "t", "1"), sensor.Publish(2, "t", "2"));
        await sensor.ExpectAsync([MqttSensor.PubAck, 0, 1]);
        Assert.Equal([MqttSensor.PubAck, 0, 2, 0x97], (await sensor.ReadAsync())!.Take(4));
        using var old = await MqttSensor.ConnectAsync(edge.EndPoint, 4);
        await old.SendAsync(old.Publish(1, "t", "3"));
        Assert.Null(await old.ReadAsync());
    }

    [Fact]
    public async Task What_waits_for_room_does_not_outlive_its_sensor_for_long()
    {
        var time = new FakeTimeProvider();
        await using var edge = await MqttEdge.StartAsync(
            options => (options.OfflineBufferSize, options.WhenFull) = (1, WhenFull.Block), time);
        using (var sensor = await MqttSensor.ConnectAsync(edge.EndPoint, id: "gone"))
        {
            await sensor.SendAsync(sensor.Publish(1, "t", "1"), sensor.Publish(2, "t", "2"), sensor.Publish(0, "t", "3", 0));
        }

        await Eventually.Async(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(edge.Clients.Count == 0);
        });
        Assert.Equal(["t=1"], await edge.StoredAsync());
        Assert.Equal(1, edge.Metrics.DroppedFor(Drop.Refused)); // with QoS 1 the sensor sends it again
    }

    [Fact]
    public async Task A_message_has_its_time_to_live_and_its_lane()
    {
        await using var edge = await MqttEdge.StartAsync(options => options.Mqtt.AlarmTopics.Add("+/smoke"));
        using var five = await MqttSensor.ConnectAsync(edge.EndPoint);
        await five.SendAsync(five.Publish(
            1, "a/b", "1", properties: [2, 0, 0, 0, 60, 0x26, .. MqttSensor.Text("lane"), .. MqttSensor.Text("alarm")]));
        await five.ExpectAsync([MqttSensor.PubAck, 0, 1]);
        var row = await edge.OnlyAsync(Lane.Alarm);
        Assert.Equal(60_000, row.Expires - row.Time);
        using var three = await MqttSensor.ConnectAsync(edge.EndPoint, 4);
        await three.SendAsync(three.Publish(1, "room1/smoke", "on"), three.Publish(2, "room1/heat", "1"));
        await three.ReadAsync();
        await three.ReadAsync();
        Assert.Equal(["a/b=1", "room1/smoke=on"], await edge.StoredAsync(Lane.Alarm));
        Assert.Equal(["room1/heat=1"], await edge.StoredAsync());
    }

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task What_is_not_offered_ends_the_connection_with_its_reason(string what, byte code)
    {
        foreach (var version in what is "alias" or "shared subscription" or "wildcard subscription" or "AUTH" ? new[] { 5 } : [5, 4])
        {
            using var sensor = await MqttSensor.ConnectAsync(Edge.EndPoint, version);
            await sensor.SendAsync(Bad(sensor, what));
            sensor.EndSending();
            var last = (await sensor.ReadToEndAsync()).LastOrDefault(packet => packet[0] != MqttSensor.PubAck);
            Assert.Equal(version == 5 ? [MqttSensor.Disconnect, code] : null, last?.Take(2).ToArray());
        }

        using var next = await MqttSensor.ConnectAsync(Edge.EndPoint);
        await next.SendAsync(next.Publish(9, "t", "9"));
        await next.ExpectAsync([MqttSensor.PubAck, 0, 9]);
    }

    [Fact]
    public async Task A_subscription_is_denied()
    {
        using var five = await MqttSensor.ConnectAsync(Edge.EndPoint);
        await five.SendAsync(five.Subscribe("a/b"), MqttSensor.Packet(0xA2, [0, 8, 0, .. MqttSensor.Text("a")]));
        await five.ExpectAsync([0x90, 0, 7, 0, 0x83]);
        await five.ExpectAsync([0xB0, 0, 8, 0, 0x11]);
        using var three = await MqttSensor.ConnectAsync(Edge.EndPoint, 4);
        await three.SendAsync(three.Subscribe("a/#"), MqttSensor.Packet(0xA2, [0, 8, .. MqttSensor.Text("a")]));
        await three.ExpectAsync([0x90, 0, 7, 0x80]);
        await three.ExpectAsync([0xB0, 0, 8]);
    }

    [Theory]
    [InlineData("a\tb", 1, 0x90)]
    [InlineData("long", 1, 0x90)]
    [InlineData("large", 200_000, 0x97)]
    public async Task A_message_that_breaks_the_limits_is_refused_and_the_connection_stays(string topic, int bytes, byte code)
    {
        topic = topic == "long" ? new string('x', 257) : topic;
        using var five = await MqttSensor.ConnectAsync(Edge.EndPoint);
        await five.SendAsync(five.Publish(1, topic, new string('x', bytes)), five.Publish(2, "t", "1"));
        Assert.Equal([MqttSensor.PubAck, 0, 1, code], (await five.ReadAsync())!.Take(4));
        await five.ExpectAsync([MqttSensor.PubAck, 0, 2]);
        using var three = await MqttSensor.ConnectAsync(Edge.EndPoint, 4);
        await three.SendAsync(three.Publish(1, topic, new string('x', bytes)));
        Assert.Null(await three.ReadAsync());
    }

    [Theory]
    [InlineData("will", 0x83, null)]
    [InlineData("retained will", 0x9A, null)]
    [InlineData("authentication", 0x8C, null)]
    [InlineData("control character", 0x85, 2)]
    [InlineData("session without a name", null, 2)]
    [InlineData("3.1", null, 1)]
    [InlineData("version 6", null, null)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", null, null)]
    [InlineData("large", null, null)]
    public async Task A_connection_that_the_edge_cannot_serve_is_refused(string what, int? five, int? three)
    {
        foreach (var (version, expected) in new[] { (5, five), (4, three) })
        {
            if (what is "authentication" or "session without a name" && expected is null)
            {
                continue; // MQTT 3.1.1 has no such CONNECT, and MQTT 5 allows it
            }

            using var sensor = await MqttSensor.OpenAsync(Edge.EndPoint, version);
            await sensor.SendAsync(BadConnect(version, what));
            sensor.EndSending();
            var answer = (await sensor.ReadToEndAsync()).SingleOrDefault();
            Assert.Equal(what == "3.1" ? 1 : expected, answer?[2]);
        }
    }

    [Fact]
    public async Task A_user_name_and_a_password_can_be_required()
    {
        await using var edge = await MqttEdge.StartAsync(options => (options.Mqtt.Username, options.Mqtt.Password) = ("sensor", "secret"));
        foreach (var (version, password, code) in new[] { (5, "Secret", 0x86), (4, "Secret", 4), (5, "secret", 0), (4, "secret", 0) })
        {
            using var sensor = await MqttSensor.OpenAsync(edge.EndPoint, version);
            await sensor.SendAsync(MqttSensor.Connect(
                version, flags: 0xC2, more: [.. MqttSensor.Text("sensor"), .. MqttSensor.Text(password)]));
            Assert.Equal(code, (await sensor.ReadAsync())![2]);
        }

        using var anonymous = await MqttSensor.OpenAsync(edge.EndPoint);
        await anonymous.SendAsync(MqttSensor.Connect(5));
        Assert.Equal(0x86, (await anonymous.ReadAsync())![2]);
    }

    [Fact]
    public async Task A_client_takes_the_place_of_another_with_its_identifier()
    {
        using var first = await MqttSensor.ConnectAsync(Edge.EndPoint, id: "twin");
        using var second = await MqttSensor.ConnectAsync(Edge.EndPoint, 4, "twin");
        Assert.Equal([MqttSensor.Disconnect, 0x8E], (await first.ReadAsync())!.Take(2));
        await second.SendAsync(second.Publish(1, "t", "1"));
        await second.ExpectAsync([MqttSensor.PubAck, 0, 1]);
    }

    [Fact]
    public async Task A_client_that_is_silent_is_disconnected_and_half_a_packet_is_silence()
    {
        var time = new FakeTimeProvider();
        await using var edge = await MqttEdge.StartAsync(options => options.Mqtt.KeepAlive = TimeSpan.FromMinutes(1), time);
        using var stranger = await MqttSensor.OpenAsync(edge.EndPoint);
        await stranger.SendAsync([0x10]);
        using var silent = await MqttSensor.ConnectAsync(edge.EndPoint, 4, keepAlive: 0);
        using var half = await MqttSensor.ConnectAsync(edge.EndPoint, keepAlive: 40_000);
        using var busy = await MqttSensor.ConnectAsync(edge.EndPoint, keepAlive: 40);
        await half.SendAsync([0x30, 100, 0]);
        for (var seconds = 0; seconds < 80; seconds += 20)
        {
            await busy.SendAsync(MqttSensor.Packet(0xC0, []));
            await busy.ExpectAsync([0xD0]);
            Assert.False(silent.HasAnswer || half.HasAnswer);
            time.Advance(TimeSpan.FromSeconds(20));
        }

        Assert.Null(await stranger.ReadAsync());
        await busy.SendAsync(MqttSensor.Packet(0xC0, []));
        await busy.ExpectAsync([0xD0]);
        await Eventually.Async(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(half.HasAnswer);
        });
        Assert.Equal([MqttSensor.Disconnect, 0x8D], (await half.ReadAsync())!.Take(2));
        Assert.Null(await silent.ReadAsync());
    }

    [Fact]
    public async Task A_stop_finishes_what_was_accepted_and_tells_the_clients()
    {
        await using var edge = await MqttEdge.StartAsync();
        using var sensor = await MqttSensor.ConnectAsync(edge.EndPoint);
        Task stopping;
        using (await edge.HoldAsync())
        {
            await sensor.SendAsync(sensor.Publish(1, "t", "1"));
            await Eventually.Async(() => Task.FromResult(edge.Waiting >= 1));
            stopping = edge.StopAsync();
        }

        await sensor.ExpectAsync([MqttSensor.PubAck, 0, 1]);
        Assert.Equal([MqttSensor.Disconnect, 0x8B], (await sensor.ReadAsync())!.Take(2));
        sensor.Dispose();
        await stopping;
    }

    [Fact]
    public async Task Many_clients_share_the_commits_and_no_more_than_the_limit_are_accepted()
    {
        const int Clients = 256;
        await using var edge = await MqttEdge.StartAsync();
        var sensors = new List<MqttSensor>();
        for (var i = 0; i < Clients; i++)
        {
            sensors.Add(await MqttSensor.ConnectAsync(edge.EndPoint, 4 + (i % 2), $"c{i}"));
        }

        using var tooMany = await MqttSensor.OpenAsync(edge.EndPoint);
        Assert.Null(await tooMany.ReadAsync());
        await Task.WhenAll(sensors.Select(async (sensor, number) =>
        {
            for (var i = 1; i <= 5; i++)
            {
                await sensor.SendAsync(sensor.Publish(i, $"t{number}", $"{i}"));
                await sensor.ExpectAsync([MqttSensor.PubAck, 0, (byte)i]);
            }
        }));
        sensors.ForEach(sensor => sensor.Dispose());
        var stored = await edge.StoredAsync();
        Assert.Equal(Clients * 5, stored.Count);
        Assert.Equal(["t7=1", "t7=2", "t7=3", "t7=4", "t7=5"], stored.Where(one => one.StartsWith("t7=", StringComparison.Ordinal)));
        await Eventually.Async(() => Task.FromResult(edge.Clients.Count == 0));
    }

    [Theory]
    [InlineData("0.0.0.0:1883", "must be an address of this machine alone")]
    [InlineData("[::]:1883", "must be an address of this machine alone")]
    [InlineData("127.0.0.1", "must be empty, or address:port")]
    public async Task An_address_that_other_machines_reach_has_to_be_allowed(string listen, string problem)
    {
        var error = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(
            () => MqttEdge.StartAsync(options => options.Mqtt.Listen = listen));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_an_error_that_names_the_setting()
    {
        var error = await Assert.ThrowsAsync<IOException>(
            () => MqttEdge.StartAsync(options => options.Mqtt.Listen = Edge.EndPoint.ToString()));
        Assert.StartsWith(
            $"NetworkProtocol:Edge:Mqtt:Listen = {Edge.EndPoint}: address already in use", error.Message, StringComparison.Ordinal);
    }

    private static byte[] Bad(MqttSensor sensor, string what) => what switch
    {
        "QoS 2" => sensor.Publish(1, "t", "1", 4),
        "QoS 3" => sensor.Publish(1, "t", "1", 6),
        "retain" => sensor.Publish(1, "t", "1", 3),
        "alias" => sensor.Publish(1, "", "1", properties: [35, 0, 1]),
        "duplicate with QoS 0" => sensor.Publish(0, "t", "1", 8),
        "wildcard topic" => sensor.Publish(1, "a/+", "1"),
        "topic not UTF-8" => MqttSensor.Packet(0x30, [0, 1, 0xFF, 0, 1]),
        "empty topic" => sensor.Publish(1, "", "1"),
        "identifier 0" => MqttSensor.Packet(0x32, [0, 1, (byte)'t', 0, 0, 0]),
        "identifier in use" => [.. sensor.Publish(1, "t", "1"), .. sensor.Publish(1, "t", "2")],
        "control character, QoS 0" => sensor.Publish(0, "a\tb", "1", 0),
        "1 MiB topic" => MqttSensor.Packet(0x32, Encoding.ASCII.GetBytes(new string('x', 1 << 20))),
        "shared subscription" => sensor.Subscribe("$share/a/b"),
        "wildcard subscription" => sensor.Subscribe("a/#"),
        "second CONNECT" => MqttSensor.Connect(sensor.Version),
        "PUBREL" => MqttSensor.Packet(0x62, [0, 1]),
        "AUTH" => MqttSensor.Packet(0xF0, []),
        "reserved flags" => MqttSensor.Packet(0xC1, []),
        "long length" => [0x30, 0xFF, 0xFF, 0xFF, 0xFF, 1],
        "cut string" => MqttSensor.Packet(0x32, [0, 200, (byte)'t']),
        _ => throw new ArgumentException(what),
    };

    private static byte[] BadConnect(int version, string what) => what switch
    {
        "will" => MqttSensor.Connect(
            version, "w", 6, more: [.. version == 5 ? [0] : Array.Empty<byte>(), .. MqttSensor.Text("t"), .. MqttSensor.Text("1")]),
        "retained will" => MqttSensor.Connect(
            version, "w", 0x26, more: [.. version == 5 ? [0] : Array.Empty<byte>(), .. MqttSensor.Text("t"), .. MqttSensor.Text("1")]),
        "authentication" => MqttSensor.Connect(5, "a", properties: [21, .. MqttSensor.Text("SCRAM-SHA-1")]),
        "control character" => MqttSensor.Connect(version, "a\nb"),
        "session without a name" => MqttSensor.Connect(version, flags: 0),
        "3.1" => MqttSensor.Packet(0x10, [.. MqttSensor.Text("MQIsdp"), 3, 2, 0, 0, .. MqttSensor.Text("old")]),
        "version 6" => MqttSensor.Connect(6, "new"),
        "large" => MqttSensor.Connect(version, new string('x', 20_000)),
        _ => Encoding.ASCII.GetBytes(what),
    };

    /// <summary>An edge that all tests share that leave it as it was.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        internal MqttEdge Edge { get; private set; } = null!;

        public async Task InitializeAsync() => Edge = await MqttEdge.StartAsync();

        public async Task DisposeAsync() => await Edge.DisposeAsync();
    }
}
