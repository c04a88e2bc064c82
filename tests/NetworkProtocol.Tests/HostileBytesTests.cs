using System.Buffers;
using CsCheck;
using Fuzz;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;

namespace NetworkProtocol.Tests;

public sealed class HostileBytesTests
{
    [Fact]
    public void No_bytes_make_the_reader_or_the_decoder_throw() =>
        Gen.Byte.Array[0, 200].Sample(bytes =>
        {
            var buffer = new ReadOnlySequence<byte>(bytes);
            PacketReader.TryRead(ref buffer, PacketHeader.MaxPayloadLength, out _);
            MessageView.TryDecode(bytes, out _);
        });

    [Fact]
    public void Bytes_behind_each_tag_never_make_the_decoder_throw() =>
        Gen.Select(Gen.Byte[0, 9], Gen.Byte.Array[0, 100]).Sample((tag, rest) =>
        {
            MessageView.TryDecode([tag, 0, 0, 0, .. rest], out _);
        });

    [Fact]
    public void Where_segments_are_cut_changes_nothing() =>
        Gen.Select(Gen.Byte.Array[0, 60], Gen.Int[1, 9], Gen.Bool).Sample((payload, size, damage) =>
        {
            var output = new ArrayBufferWriter<byte>();
            PacketWriter.WriteEncoded(output, payload, channel: null);
            var bytes = output.WrittenSpan.ToArray();
            bytes[3] ^= (byte)(damage ? 1 : 0);
            var whole = new ReadOnlySequence<byte>(bytes);
            var cut = Segments.Cut(bytes, size);
            var expected = PacketReader.TryRead(ref whole, PacketHeader.MaxPayloadLength, out var one);
            Assert.Equal(expected, PacketReader.TryRead(ref cut, PacketHeader.MaxPayloadLength, out var many));
            Assert.Equal(one.ToArray(), many.ToArray());
        });

    [Fact]
    public void Any_text_and_payload_come_back_and_no_part_of_them_is_a_whole() =>
        Gen.Select(Gen.String, Gen.Byte.Array[0, 50]).Where((text, _) => IsWellFormed(text)).Sample((text, payload) =>
        {
            foreach (var message in new Message[] { new Message.Echo(text), new Message.Custom(text, payload) })
            {
                var bytes = new byte[MessageEncoder.GetLength(message)];
                MessageEncoder.Encode(message, bytes);
                Assert.True(MessageView.TryDecode(bytes, out var view));
                Assert.Equal(message, view.ToMessage());
                Assert.False(MessageView.TryDecode(bytes.AsSpan(0, bytes.Length - 1), out _));
            }
        });

    private static bool IsWellFormed(string text) => !text.Any(char.IsSurrogate);
}
