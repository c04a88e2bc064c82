using System.Buffers;
using NetworkProtocol.Messages;
using NetworkProtocol.Security;

namespace NetworkProtocol.Packets;

/// <summary>
/// Writes packets directly into a writer's buffer. With a channel they are sealed in place, without a channel they are plain.
/// </summary>
public static class PacketWriter
{
    /// <summary>Writes one message and returns the packet's size in bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The message is larger than a packet can carry.</exception>
    public static int Write(IBufferWriter<byte> output, Message message, SecureChannel? channel)
    {
        ArgumentNullException.ThrowIfNull(output);
        var length = MessageEncoder.GetLength(message);
        var packet = Begin(output, length, channel, out var body);
        MessageEncoder.Encode(message, body);
        return Complete(output, packet, body, channel);
    }

    /// <summary>Writes a <see cref="Message.Custom"/> from its parts and returns the packet's size in bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The message is larger than a packet can carry.</exception>
    public static int WriteCustom(IBufferWriter<byte> output, string command, ReadOnlySpan<byte> payload, SecureChannel? channel)
    {
        ArgumentNullException.ThrowIfNull(output);
        var packet = Begin(output, MessageEncoder.GetCustomLength(command, payload), channel, out var body);
        MessageEncoder.EncodeCustom(command, payload, body);
        return Complete(output, packet, body, channel);
    }

    /// <summary>Writes one encoded message and returns the packet's size in bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The message is larger than a packet can carry.</exception>
    public static int WriteEncoded(IBufferWriter<byte> output, ReadOnlySpan<byte> encoded, SecureChannel? channel)
    {
        ArgumentNullException.ThrowIfNull(output);
        var packet = Begin(output, encoded.Length, channel, out var body);
        if (channel is not null)
        {
            return Complete(output, packet, encoded, channel);
        }

        encoded.CopyTo(body);
        return Complete(output, packet, body, channel);
    }

    private static Span<byte> Begin(IBufferWriter<byte> output, int length, SecureChannel? channel, out Span<byte> body)
    {
        var payloadLength = checked(length + (channel is null ? 0 : SecureChannel.Overhead));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payloadLength, PacketHeader.MaxPayloadLength, "message");
        var packet = output.GetSpan(PacketHeader.Size + payloadLength)[..(PacketHeader.Size + payloadLength)];
        PacketHeader.Write(packet, payloadLength);
        body = packet.Slice(PacketHeader.Size + (channel is null ? 0 : SecureChannel.NonceSize), length);
        return packet;
    }

    private static int Complete(
        IBufferWriter<byte> output, Span<byte> packet, ReadOnlySpan<byte> body, SecureChannel? channel)
    {
        channel?.Seal(body, packet[PacketHeader.Size..]);
        output.Advance(packet.Length);
        return packet.Length;
    }
}
