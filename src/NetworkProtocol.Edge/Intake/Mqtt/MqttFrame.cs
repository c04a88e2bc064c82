using System.Buffers;
using System.Runtime.InteropServices;
using MQTTnet.Adapter;
using MQTTnet.Exceptions;

namespace NetworkProtocol.Edge.Intake.Mqtt;

/// <summary>
/// Finds the packets in what a client has sent, and MQTTnet decodes them. MQTTnet's own reader would take the memory that a packet claims,
/// up to 256 MiB, before the first byte of its body has come.
/// </summary>
internal static class MqttFrame
{
    /// <summary>The bytes of a header that can precede a body: type and flags, and a length of at most four bytes.</summary>
    public const int MaxHeaderBytes = 5;

    /// <summary>Takes one packet from the buffer if the buffer has the whole packet.</summary>
    /// <param name="buffer">What has come; without the packet afterwards.</param>
    /// <param name="maxBytes">The largest packet, with its header.</param>
    /// <param name="packet">The packet. It may refer to the buffer's memory.</param>
    /// <exception cref="MqttProtocolViolationException">The length has more than four bytes.</exception>
    /// <exception cref="MqttPacketTooLargeException">The packet is too large.</exception>
    public static bool TryTake(ref ReadOnlySequence<byte> buffer, int maxBytes, out ReceivedMqttPacket packet)
    {
        packet = default;
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryRead(out var header) || !TryReadLength(ref reader, out var length))
        {
            return false;
        }

        var total = reader.Consumed + length;
        if (total > maxBytes)
        {
            throw new MqttPacketTooLargeException($"The packet has {total} bytes; at most {maxBytes} are allowed.");
        }

        if (buffer.Length < total)
        {
            return false;
        }

        packet = new ReceivedMqttPacket(header, ToArray(buffer.Slice(reader.Position, length)), (int)total);
        buffer = buffer.Slice(total);
        return true;
    }

    private static bool TryReadLength(ref SequenceReader<byte> reader, out int length)
    {
        length = 0;
        for (var shift = 0; shift < 28; shift += 7)
        {
            if (!reader.TryRead(out var part))
            {
                return false;
            }

            length |= (part & 0x7F) << shift;
            if (part < 0x80)
            {
                return true;
            }
        }

        throw new MqttProtocolViolationException("The length of the packet has more than four bytes.");
    }

    private static ArraySegment<byte> ToArray(in ReadOnlySequence<byte> body) =>
        body.IsSingleSegment && MemoryMarshal.TryGetArray(body.First, out var segment) && segment.Array is not null
            ? segment
            : body.ToArray();
}
