using System.Buffers;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using NetworkProtocol.Edge;
using NetworkProtocol.Edge.Intake.Mqtt;

namespace Fuzz;

/// <summary>What a client of MQTT sends: our framing, and what MQTTnet makes of the packets.</summary>
internal static class Mqtt
{
    private const int MaxBytes = 4096;

    private static readonly EdgeMqttOptions Options = new();
    private static readonly MqttMessages Messages = new(Microsoft.Extensions.Options.Options.Create(new EdgeOptions()));

    // The first byte says which version the packets have.
    public static IEnumerable<byte[]> Seeds =>
    [
        Convert.FromHexString("05100D00044D5154540502003C00000000320A0001740001020000003C31"),
        Convert.FromHexString("04100C00044D51545404020000000032060001740001313009000574656D702F31820600010001740130C000E000"),
        Convert.FromHexString("05321B0001740001142600046C616E650005616C61726D02000000053132"),
    ];

    public static int Read(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return 0;
        }

        var version = bytes[0] % 2 == 0 ? MqttProtocolVersion.V311 : MqttProtocolVersion.V500;
        var whole = Drain(new ReadOnlySequence<byte>(bytes.AsMemory(1)), version);
        var cut = Drain(Segments.Cut(bytes[1..], 1 + (bytes.Length % 7)), version);
        Targets.Require(whole == cut, $"whole {whole}, in pieces {cut}");
        return Targets.Kind(whole.Kind, Math.Min(whole.Count, 3));
    }

    private static (int Kind, int Count, int Bytes) Drain(ReadOnlySequence<byte> buffer, MqttProtocolVersion version)
    {
        var formatter = new MqttPacketFormatterAdapter(version, new MqttBufferWriter(64, 4096));
        var (kind, count, bytes) = (0, 0, 0);
        try
        {
            for (var before = buffer.Length; MqttFrame.TryTake(ref buffer, MaxBytes, out var packet); before = buffer.Length)
            {
                Targets.Require(before - buffer.Length == packet.TotalLength, "the packet is not what was taken");
                (count, bytes) = (count + 1, bytes + packet.TotalLength);
                kind = Judge(formatter.Decode(packet), version);
            }
        }
        catch (Exception e) when (MqttConnection.IsClientsFault(e))
        {
            kind = 1000 + e.GetType().Name.Length;
        }

        return (kind, count, bytes);
    }

    private static int Judge(MqttPacket packet, MqttProtocolVersion version)
    {
        switch (packet)
        {
            case MqttPublishPacket publish when MqttMessages.ViolationOf(publish) is null:
                var publication = Messages.Read(publish);
                return 10 + (int)publication.Lane + (publication.ProblemOf() is null ? 2 : 0);
            case MqttConnectPacket connect:
                return (int?)MqttConnect.Judge(connect, version, Options)?.Code ?? 1;
            default:
                return packet.GetType().Name.Length;
        }
    }
}
