using System.Buffers;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;
using NetworkProtocol.Server.Operators;
using NetworkProtocol.Server.Proxy;

namespace Fuzz;

/// <summary>
/// All code that reads a stranger's bytes, and the settings. A target throws when the code breaks a promise. Otherwise it returns a number
/// for its result, so that the corpus keeps each input with a new result.
/// </summary>
internal static class Targets
{
    /// <summary>The clock of the handshake target, so that a seed stays timely.</summary>
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000);

    private const int InitLength = ClientHandshake.InitLength;

    public static IReadOnlyDictionary<string, Func<byte[], int>> All { get; } = new Dictionary<string, Func<byte[], int>>
    {
        ["packets"] = Packets,
        ["message"] = Decode,
        ["server-handshake"] = Serve,
        ["client-handshake"] = Connect,
        ["sealed"] = Open,
        ["proxy-header"] = Proxy,
        ["proxy-tlvs"] = ProxyTlvs.Read,
        ["tls"] = TlsStrangers.Send,
        ["age-header"] = Backups.ReadHeader,
        ["archive"] = Backups.ReadArchive,
        ["file-name"] = Backups.KeepName,
        ["pax-header"] = Backups.ReadExtendedHeader,
        ["configuration"] = Configurations.Read,
        ["batch"] = Forwarded.ReadBatch,
        ["hello"] = Forwarded.ReadHello,
        ["publication"] = Forwarded.ReadPublication,
        ["payload"] = Forwarded.ReadPayload,
        ["mqtt"] = Mqtt.Read,
        ["rollup"] = Forwarded.ReadRollup,
    };

    private static int Packets(byte[] bytes)
    {
        var whole = Drain(new ReadOnlySequence<byte>(bytes));
        var cut = Drain(Segments.Cut(bytes, 1 + (bytes.Length % 7)));
        Require(whole == cut, $"whole {whole}, in pieces {cut}");
        for (var length = 0; length < Math.Min(bytes.Length, 4 * PacketHeader.Size); length++)
        {
            var prefix = Drain(new ReadOnlySequence<byte>(bytes, 0, length));
            Require(prefix.Last == PacketStatus.Incomplete || prefix == whole, $"{length} bytes gave {prefix}, all gave {whole}");
        }

        return Kind((int)whole.Last, Bucket(whole.Count), Bucket(whole.Bytes));
    }

    private static (PacketStatus Last, int Count, int Bytes) Drain(ReadOnlySequence<byte> buffer)
    {
        for (int count = 0, bytes = 0; ; count++)
        {
            var before = buffer.Length;
            var status = PacketReader.TryRead(ref buffer, PacketHeader.MaxPayloadLength, out var payload, out var needed);
            if (status != PacketStatus.Complete)
            {
                Require(buffer.Length == before, "a packet that is not whole was taken");
                Require(status != PacketStatus.Incomplete || needed > before, "the reader asked for what it had");
                return (status, count, bytes);
            }

            Require(buffer.Length + PacketHeader.Size + payload.Length == before, "bytes were lost");
            bytes += (int)payload.Length;
        }
    }

    private static int Decode(byte[] bytes)
    {
        if (!MessageView.TryDecode(bytes, out var view))
        {
            return bytes.Length < 4 ? 0 : 1 + Math.Min((int)bytes[0], 9);
        }

        if (view.Tag is < MessageTag.HandshakeInit or (> MessageTag.HandshakeConfirm and < MessageTag.Unknown))
        {
            var again = new byte[MessageEncoder.GetLength(view.ToMessage())];
            MessageEncoder.Encode(view.ToMessage(), again);
            Require(view.Encoded.SequenceEqual(again), "what was decoded does not encode to the same bytes");
        }

        return Kind((int)view.Tag + 16, Bucket(view.Text.Length), Bucket(view.Body.Length));
    }

    private static int Serve(byte[] bytes)
    {
        using var handshake = new ServerHandshake();
        if (!MessageView.TryDecode(bytes.AsSpan(0, Math.Min(InitLength, bytes.Length)), out var init))
        {
            return 1;
        }

        var status = handshake.ReadInit(init, Now);
        var response = new byte[ServerHandshake.ResponseLength];
        if (status != HandshakeStatus.Ok || (status = handshake.WriteResponse(response)) != HandshakeStatus.Ok)
        {
            return Kind(2, (int)status);
        }

        if (!MessageView.TryDecode(bytes.AsSpan(Math.Min(InitLength, bytes.Length)), out var confirm))
        {
            return 3;
        }

        status = handshake.ReadConfirm(confirm);
        Require(status != HandshakeStatus.Ok, "a Confirm was guessed"); // the server's nonce is fresh
        return Kind(4, (int)status);
    }

    private static int Connect(byte[] bytes)
    {
        using var handshake = new ClientHandshake();
        handshake.WriteInit(new byte[InitLength], Now);
        if (!MessageView.TryDecode(bytes, out var response))
        {
            return 1;
        }

        var status = handshake.ReadResponse(response);
        Require(status != HandshakeStatus.Ok, "a Response was guessed"); // the client's nonce is fresh
        return Kind(2, (int)status);
    }

    private static int Open(byte[] bytes)
    {
        using var channel = new SecureChannel(new byte[32]);
        var message = new byte[Math.Max(0, bytes.Length - SecureChannel.Overhead)];
        var status = channel.Open(bytes, message);
        Require(status != OpenStatus.Opened || channel.Open(bytes, message) == OpenStatus.Replayed, "a packet was opened twice");
        return Kind((int)status, Bucket(bytes.Length));
    }

    private static int Proxy(byte[] bytes)
    {
        var whole = Read(new ReadOnlySequence<byte>(bytes));
        var cut = Read(Segments.Cut(bytes, 1 + (bytes.Length % 7)));
        Require(whole == cut, $"whole {whole}, in pieces {cut}");
        for (var length = 1; length < bytes.Length; length++)
        {
            var prefix = Read(new ReadOnlySequence<byte>(bytes, 0, length));
            Require(prefix.Status == ProxyHeaderStatus.Incomplete || prefix == whole, $"{length} bytes gave {prefix}, all gave {whole}");
        }

        return Kind((int)whole.Status, Bucket((int)whole.Taken), bytes is [0x0D, ..] ? 1 : 0, Bucket(whole.Client?.Length ?? 0));
    }

    private static (ProxyHeaderStatus Status, long Taken, int More, string? Client) Read(ReadOnlySequence<byte> buffer)
    {
        var before = buffer.Length;
        var status = ProxyHeader.TryRead(ref buffer, out var client, out var rest);
        return (status, before - buffer.Length, rest, client?.ToString());
    }

    // HashCode does not work here, because it differs between runs.
    internal static int Kind(params ReadOnlySpan<int> parts)
    {
        var kind = 0;
        foreach (var part in parts)
        {
            kind = (kind * 64) + part;
        }

        return kind;
    }

    internal static int Bucket(int length) => length < 4 ? length : 4 + int.Log2(length);

    internal static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
