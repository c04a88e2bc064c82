using System.Buffers;
using NetworkProtocol.Security;

namespace NetworkProtocol.Packets;

/// <summary>Returns the message bytes of a packet's payload, which may be sealed or plain, and in one segment or in many.</summary>
public static class PacketOpener
{
    /// <summary>Opens a payload. The message is a view into <paramref name="payload"/> or into <paramref name="scratch"/>.</summary>
    /// <param name="payload">The packet's payload.</param>
    /// <param name="channel">The channel that opens a sealed payload. Null: the payload is plain.</param>
    /// <param name="scratch">Memory at least as long as the payload. It may be empty if <see cref="NeedsScratch"/> is false.</param>
    /// <param name="message">The message's bytes, if the result is <see cref="OpenStatus.Opened"/>.</param>
    public static OpenStatus Open(
        ReadOnlySequence<byte> payload, SecureChannel? channel, Span<byte> scratch, out ReadOnlySpan<byte> message)
    {
        message = payload.FirstSpan;
        if (!payload.IsSingleSegment)
        {
            payload.CopyTo(scratch);
            message = scratch[..(int)payload.Length];
        }

        if (channel is null)
        {
            return OpenStatus.Opened;
        }

        if (message.Length < SecureChannel.Overhead)
        {
            return OpenStatus.NotAuthentic;
        }

        // A payload that was copied is opened in place: the message replaces the ciphertext.
        var opened = scratch.Slice(payload.IsSingleSegment ? 0 : SecureChannel.NonceSize, message.Length - SecureChannel.Overhead);
        var status = channel.Open(message, opened);
        message = opened;
        return status;
    }

    /// <summary>Returns whether <see cref="Open"/> needs scratch memory for a payload.</summary>
    public static bool NeedsScratch(ReadOnlySequence<byte> payload, SecureChannel? channel) =>
        channel is not null || !payload.IsSingleSegment;
}
