using System.Buffers;
using System.Text;
using System.Text.Json;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;

namespace NetworkProtocol.Tests;

/// <summary>Every vector of version 1.</summary>
public sealed class VectorTests
{
    public static TheoryData<string> PacketDecodes => Vectors.Names("packet_decode");

    public static TheoryData<string> Decodes => Vectors.Names("bincode_decode");

    public static TheoryData<string> Encodes => Vectors.Names("message_encode");

    public static TheoryData<string> SessionKeys => Vectors.Names("session_key");

    public static TheoryData<string> OddKeys => Vectors.Names("session_key_low_order_and_noncanonical");

    public static TheoryData<string> Sealed => Vectors.Names("secure_packet");

    public static TheoryData<string> Opens => Vectors.Names("aead_open");

    [Theory]
    [MemberData(nameof(PacketDecodes))]
    public void Packets_are_judged_as_the_reference_does_or_earlier(string name)
    {
        var vector = Vectors.Get("packet_decode", name);
        var buffer = new ReadOnlySequence<byte>(Expand(vector.Text("input")));
        var status = PacketReader.TryRead(ref buffer, PacketHeader.MaxPayloadLength, out var payload);
        var reference = vector.GetProperty("streaming_decoder");
        switch (reference.Text("result"))
        {
            case "packet":
                Assert.Equal(PacketStatus.Complete, status);
                Assert.Equal(reference.GetProperty("payload_len").GetInt64(), payload.Length);
                Assert.Equal(reference.GetProperty("left_over").GetInt64(), buffer.Length);
                break;
            case "error":
                Assert.NotEqual(PacketStatus.Complete, status);
                Assert.NotEqual(PacketStatus.Incomplete, status);
                break;
            default: // the reference waits for more bytes, which cannot make the packet valid; this code does not wait
                var hopeless = name.Contains("magic", StringComparison.Ordinal) || name.Contains("version", StringComparison.Ordinal)
                    || name.Contains("length", StringComparison.Ordinal);
                Assert.Equal(hopeless, status != PacketStatus.Incomplete);
                break;
        }
    }

    [Fact]
    public void Packets_are_written_as_the_reference_does()
    {
        foreach (var vector in Vectors.All("packet_encode"))
        {
            var output = new ArrayBufferWriter<byte>();
            PacketWriter.WriteEncoded(output, vector.Bytes("payload"), channel: null);
            Assert.Equal(vector.Bytes("packet"), output.WrittenSpan.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Decodes))]
    public void Messages_are_accepted_and_refused_as_the_reference_does(string name)
    {
        var vector = Vectors.Get("bincode_decode", name);
        var result = vector.GetProperty("result");
        var accepted = MessageView.TryDecode(vector.Bytes("input"), out var message);
        Assert.Equal(result.GetProperty("accept").GetBoolean(), accepted);
        if (accepted)
        {
            AssertIs(result.GetProperty("value"), message);
        }
    }

    [Theory]
    [MemberData(nameof(Encodes))]
    public void Messages_are_written_as_the_reference_does(string name)
    {
        var vector = Vectors.Get("message_encode", name);
        var described = vector.GetProperty("message");
        if (described.TryGetProperty("text_repeat", out var repeat))
        {
            var text = new string(repeat[0].GetString()![0], repeat[1].GetInt32());
            var encoded = Convert.ToHexStringLower(Encode(new Message.Echo(text)));
            Assert.StartsWith(vector.Text("bincode").Split('…')[0], encoded, StringComparison.Ordinal);
            return;
        }

        Assert.True(MessageView.TryDecode(vector.Bytes("bincode"), out var message));
        AssertIs(described, message);
        Assert.Equal(vector.Bytes("bincode"), message.Encoded.ToArray());
        if (!described.Text("type").StartsWith("Secure", StringComparison.Ordinal))
        {
            Assert.Equal(vector.Bytes("bincode"), Encode(message.ToMessage()));
        }
    }

    [Theory]
    [MemberData(nameof(SessionKeys))]
    public void Both_sides_derive_the_reference_key(string name)
    {
        var vector = Vectors.Get("session_key", name);
        var (clientNonce, serverNonce) = (vector.Bytes("client_nonce"), vector.Bytes("server_nonce"));
        foreach (var (mine, other) in new[] { ("client", "server"), ("server", "client") })
        {
            var publicKey = new byte[32];
            SessionKey.PublicKey(vector.Bytes($"{mine}_private"), publicKey);
            Assert.Equal(vector.Bytes($"{mine}_public"), publicKey);
            var key = new byte[32];
            Assert.True(
                SessionKey.TryDerive(vector.Bytes($"{mine}_private"), vector.Bytes($"{other}_public"), clientNonce, serverNonce, key));
            Assert.Equal(vector.Bytes("session_key"), key);
        }
    }

    [Theory]
    [MemberData(nameof(OddKeys))]
    public void Low_order_keys_are_refused_though_the_reference_accepts_them(string name)
    {
        var vector = Vectors.Get("session_key_low_order_and_noncanonical", name);
        var key = new byte[32];
        var good = SessionKey.TryDerive(
            vector.Bytes("server_private"), vector.Bytes("client_public"), vector.Bytes("client_nonce"), vector.Bytes("server_nonce"), key);
        Assert.Equal(vector.GetProperty("contributory").GetBoolean(), good);
        if (good)
        {
            Assert.Equal(vector.Bytes("session_key"), key);
        }
    }

    [Theory]
    [MemberData(nameof(Sealed))]
    public void Payloads_are_sealed_as_the_reference_does(string name)
    {
        var vector = Vectors.Get("secure_packet", name);
        var plain = vector.Bytes("plaintext");
        var ciphertext = new byte[plain.Length + SecureChannel.TagSize];
        SecureChannel.Encrypt(vector.Bytes("key"), vector.Bytes("nonce"), plain, ciphertext);
        Assert.Equal(vector.Bytes("ciphertext_and_tag"), ciphertext);
        var opened = new byte[plain.Length];
        Assert.True(SecureChannel.Decrypt(vector.Bytes("key"), vector.Bytes("nonce"), ciphertext, opened));
        Assert.Equal(plain, opened);
    }

    [Theory]
    [MemberData(nameof(Opens))]
    public void Payloads_are_opened_as_the_reference_does(string name)
    {
        var vector = Vectors.Get("aead_open", name);
        var ciphertext = vector.Bytes("ciphertext_and_tag");
        var opened = new byte[Math.Max(0, ciphertext.Length - SecureChannel.TagSize)];
        var good = SecureChannel.Decrypt(vector.Bytes("key"), vector.Bytes("nonce"), ciphertext, opened);
        Assert.Equal(vector.GetProperty("result").GetProperty("accept").GetBoolean(), good);
        if (good)
        {
            Assert.Equal(vector.GetProperty("result").Bytes("value"), opened);
        }
    }

    [Fact]
    public void Timestamps_are_judged_as_the_reference_does()
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);
        foreach (var vector in Vectors.Group("timestamp_rule").GetProperty("cases").EnumerateArray())
        {
            var timestamp = vector.TryGetProperty("offset_ms", out var offset)
                ? (ulong)(now.ToUnixTimeMilliseconds() + offset.GetInt64())
                : ulong.Parse(vector.Text("timestamp_str"), System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(vector.GetProperty("accept").GetBoolean(), ServerHandshake.IsTimely(timestamp, now));
        }
    }

    private static byte[] Expand(string input)
    {
        var parts = input.Split(" + ");
        var start = Convert.FromHexString(parts[0]);
        var zeros = parts.Length == 1 ? 0 : int.Parse(parts[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Array.Resize(ref start, start.Length + zeros);
        return start;
    }

    private static byte[] Encode(Message message)
    {
        var bytes = new byte[MessageEncoder.GetLength(message)];
        Assert.Equal(bytes.Length, MessageEncoder.Encode(message, bytes));
        return bytes;
    }

    private static void AssertIs(JsonElement expected, MessageView message)
    {
        var type = expected.Text("type").Replace("SecureHandshake", "Handshake", StringComparison.Ordinal);
        Assert.Equal(type, message.Tag.ToString());
        switch (message.Tag)
        {
            case MessageTag.Echo:
                Assert.Equal(expected.Bytes("utf8_hex"), message.Text.ToArray());
                break;
            case MessageTag.Custom:
                Assert.Equal(expected.Text("command"), Encoding.UTF8.GetString(message.Text));
                Assert.Equal(expected.Bytes("payload_hex"), message.Body.ToArray());
                break;
            case MessageTag.HandshakeConfirm:
                Assert.Equal(expected.Bytes("nonce_verification"), message.Body.ToArray());
                break;
        }
    }
}
