using System.Buffers;
using Fuzz;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;

namespace NetworkProtocol.Tests;

/// <summary>Encodes messages to packets and decodes them, sealed and plain, in one piece and in many.</summary>
public sealed class PacketPathTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Theory]
    [InlineData(false, int.MaxValue)]
    [InlineData(false, 1)]
    [InlineData(false, 7)]
    [InlineData(true, int.MaxValue)]
    [InlineData(true, 1)]
    [InlineData(true, 7)]
    public void A_message_comes_back_however_it_is_cut(bool isSealed, int size)
    {
        using var sender = isSealed ? new SecureChannel(Key) : null;
        using var receiver = isSealed ? new SecureChannel(Key) : null;
        var message = new Message.Custom("NAME", "a payload of some length"u8.ToArray());
        Assert.Equal(message, Open(Payload(message, sender), receiver, size, out var status));
        Assert.Equal(OpenStatus.Opened, status);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(SecureChannel.Overhead - 1)]
    [InlineData(SecureChannel.Overhead)]
    public void What_no_peer_has_sealed_is_not_authentic(int length)
    {
        using var channel = new SecureChannel(Key);
        Assert.Null(Open(new byte[length], channel, int.MaxValue, out var status));
        Assert.Equal(OpenStatus.NotAuthentic, status);
    }

    [Fact]
    public void A_message_that_no_packet_can_carry_is_refused()
    {
        using var channel = new SecureChannel(Key);
        var room = PacketHeader.MaxPayloadLength - SecureChannel.Overhead;
        var output = new ArrayBufferWriter<byte>();
        Assert.Throws<ArgumentOutOfRangeException>(() => PacketWriter.WriteEncoded(output, new byte[room + 1], channel));
        Assert.Equal(0, output.WrittenCount);
        Assert.Equal(PacketHeader.Size + PacketHeader.MaxPayloadLength, PacketWriter.WriteEncoded(output, new byte[room], channel));
    }

    [Fact]
    public void The_reader_asks_for_the_next_byte_of_a_header_and_for_the_whole_of_a_packet()
    {
        var output = new ArrayBufferWriter<byte>();
        var size = PacketWriter.Write(output, new Message.Echo("hello"), channel: null);
        for (var length = 0; length < size; length++)
        {
            var buffer = new ReadOnlySequence<byte>(output.WrittenMemory[..length]);
            Assert.Equal(PacketStatus.Incomplete, PacketReader.TryRead(ref buffer, PacketHeader.MaxPayloadLength, out _, out var needed));
            Assert.Equal(length < PacketHeader.Size ? length + 1 : size, needed);
        }
    }

    [Fact]
    public void Customs_are_equal_in_command_and_payload_alone()
    {
        var message = new Message.Custom("A", "1"u8.ToArray());
        Assert.Equal(message, new Message.Custom("A", "1"u8.ToArray()));
        Assert.NotEqual(message, new Message.Custom("B", "1"u8.ToArray()));
        Assert.NotEqual(message, new Message.Custom("A", "2"u8.ToArray()));
        Assert.False(message.Equals(null));
    }

    private static byte[] Payload(Message message, SecureChannel? channel)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(output.WrittenCount + PacketWriter.Write(output, message, channel), output.WrittenCount);
        var buffer = new ReadOnlySequence<byte>(output.WrittenMemory);
        Assert.Equal(PacketStatus.Complete, PacketReader.TryRead(ref buffer, PacketHeader.MaxPayloadLength, out var payload));
        return payload.ToArray();
    }

    private static Message? Open(byte[] payload, SecureChannel? channel, int size, out OpenStatus status)
    {
        var pieces = Segments.Cut(payload, size);
        var scratch = PacketOpener.NeedsScratch(pieces, channel) ? new byte[payload.Length] : [];
        status = PacketOpener.Open(pieces, channel, scratch, out var opened);
        return status == OpenStatus.Opened && MessageView.TryDecode(opened, out var message) ? message.ToMessage() : null;
    }
}
