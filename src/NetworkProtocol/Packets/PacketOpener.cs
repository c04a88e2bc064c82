using System.Buffers;
using NetworkProtocol.Security;

namespace NetworkProtocol.Packets;

/// <summary>From a packet's payload to its message's bytes, whether it is sealed or plain, in one piece or in many.</summary>
public static class PacketOpener
{
    /// <summary>Gives the message's bytes: a view into <paramref name="payload"/> or into <paramref name="scratch"/>.</summary>
    /// <param name="payload">The packet's payload.</param>
    /// <param name="channel">What opens it; null for a plain one.</param>
    /// <param name="scratch">At least as long as the payload, unless <see cref="NeedsScratch"/> says that none is needed.</param>
    /// <param name="message">The message's bytes, if the payload is good.</param>
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

        // A payload that was copied is opened in place: its message begins where its ciphertext did.
        var opened = scratch.Slice(payload.IsSingleSegment ? 0 : SecureChannel.NonceSize, message.Length - SecureChannel.Overhead);
        var status = channel.Open(message, opened);
        message = opened;
        return status;
    }

    /// <summary>Whether <see cref="Open"/> needs memory to work in.</summary>
    public static bool NeedsScratch(ReadOnlySequence<byte> payload, SecureChannel? channel) =>
        channel is not null || !payload.IsSingleSegment;
}
