using System.Buffers;
using System.Security.Authentication;
using System.Text;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;

namespace Fuzz;

/// <summary>Good inputs as starting points.</summary>
internal static class Seeds
{
    public static IEnumerable<byte[]> For(string target) => target switch
    {
        "packets" => [Packet(new Message.Ping()), [.. Packet(new Message.Echo("one")), .. Packet(new Message.Custom("TWO", new byte[99]))]],
        "message" => Messages.Select(Encode),
        "server-handshake" => [Init(), [.. Init(), .. new byte[] { 4, 0, 0, 0 }, .. new byte[32]], LowOrder()],
        "client-handshake" => [[3, 0, 0, 0, .. new byte[80]], [3, 0, 0, 0, .. Enumerable.Repeat((byte)9, 80)]],
        "tls" =>
        [
            TlsStrangers.Hello(SslProtocols.Tls13)[1..], TlsStrangers.Hello(SslProtocols.Tls12)[1..],
            [0x03, 0x01, 0x00, 0x05, .. "hello"u8], [0x03, 0x01, 0x00, 0x04, 0x01, 0x00, 0x00, 0x00],
            [0x03, 0x03, 0x40, 0x00, .. new byte[0x4000]], [.. "NPRO"u8],
        ],
        "age-header" => [Encoding.ASCII.GetBytes(Backups.Header), Encoding.ASCII.GetBytes(Backups.HeaderForTwo)],
        "archive" => [Backups.Archive()],
        "proxy-tlvs" => [ProxyTlvs.Header(0), ProxyTlvs.Header(541), ProxyTlvs.Header(2_000)],
        "file-name" =>
            [[0xff, 0xfe], Encoding.UTF8.GetBytes("Grüße\n"), [0xc3, (byte)'\\', (byte)'x'], Encoding.ASCII.GetBytes(@"\\xFF")],
        "pax-header" =>
            [
                Encoding.ASCII.GetBytes("12 path=b\nc\n25 mtime=1700000000.1234\n14 uname=user\n15 uid=3000000\n9 size=0\n"),
                Encoding.ASCII.GetBytes("21 hdrcharset=BINARY\n19 linkpath=../a/bc\n")],
        "configuration" =>
            [.. new[] { Configurations.Good, Configurations.Bad }.SelectMany(text => text.Split('\n').Append(text))
                .Select(Encoding.UTF8.GetBytes)],
        "batch" => Forwarded.Batches,
        "hello" => Forwarded.Hellos,
        "publication" => Forwarded.Publications,
        "payload" => Forwarded.Payloads,
        "mqtt" => Mqtt.Seeds,
        "rollup" => Forwarded.Rollups,
        "sealed" => [Sealed(new Message.Echo("sealed")), new byte[40]],
        _ =>
        [
            Encoding.ASCII.GetBytes("PROXY TCP4 192.0.2.1 192.0.2.2 1234 8443\r\nNPRO"),
            Encoding.ASCII.GetBytes("PROXY TCP6 2001:db8::1 2001:db8::2 1234 8443\r\n"),
            Encoding.ASCII.GetBytes("PROXY UNKNOWN anything at all\r\n"),
            Convert.FromHexString("0D0A0D0A000D0A515549540A2111000CC0000201C000020204D220FB"),
            Convert.FromHexString("0D0A0D0A000D0A515549540A20000000"),
            [.. Convert.FromHexString("0D0A0D0A000D0A515549540A21210024"), .. new byte[36]],
        ],
    };

    private static Message[] Messages =>
    [
        new Message.Ping(), new Message.Pong(), new Message.Disconnect(), new Message.Unknown(),
        new Message.Echo("Grüße, 世界"), new Message.Custom("COMMAND", new byte[] { 1, 2, 3 }),
    ];

    private static byte[] Init()
    {
        var bytes = new byte[ClientHandshake.InitLength];
        using var handshake = new ClientHandshake();
        handshake.WriteInit(bytes, Targets.Now);
        return bytes;
    }

    private static byte[] LowOrder()
    {
        var init = Init();
        init.AsSpan(4, 32).Clear();
        return init;
    }

    private static byte[] Encode(Message message)
    {
        var bytes = new byte[MessageEncoder.GetLength(message)];
        MessageEncoder.Encode(message, bytes);
        return bytes;
    }

    private static byte[] Packet(Message message)
    {
        var output = new ArrayBufferWriter<byte>();
        PacketWriter.Write(output, message, channel: null);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Sealed(Message message)
    {
        using var channel = new SecureChannel(new byte[32]);
        var encoded = Encode(message);
        var payload = new byte[encoded.Length + SecureChannel.Overhead];
        channel.Seal(encoded, payload);
        return payload;
    }
}
