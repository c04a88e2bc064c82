using System.Buffers.Binary;
using System.Text;

namespace NetworkProtocol.Messages;

/// <summary>Encodes messages as bincode 1.x does (wire protocol, section 2).</summary>
public static class MessageEncoder
{
    internal const int TagSize = sizeof(uint);
    internal const int LengthSize = sizeof(ulong);

    /// <summary>Returns the number of bytes that <see cref="Encode"/> writes for <paramref name="message"/>.</summary>
    public static int GetLength(Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.EncodedLength;
    }

    /// <summary>Writes <paramref name="message"/> and returns the number of bytes written.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public static int Encode(Message message, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(message);
        var written = WriteTag(destination, message.Tag);
        switch (message)
        {
            case Message.Echo echo:
                written += WriteText(destination[written..], echo.Text);
                break;
            case Message.Custom custom:
                return EncodeCustom(custom.Command, custom.Payload.Span, destination);
        }

        return written;
    }

    /// <summary>Returns the number of bytes that <see cref="EncodeCustom"/> writes.</summary>
    public static int GetCustomLength(string command, ReadOnlySpan<byte> payload)
    {
        ArgumentNullException.ThrowIfNull(command);
        return TagSize + (2 * LengthSize) + Encoding.UTF8.GetByteCount(command) + payload.Length;
    }

    /// <summary>Writes a <see cref="Message.Custom"/> from its parts and returns the number of bytes written.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public static int EncodeCustom(string command, ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(command);
        var written = WriteTag(destination, MessageTag.Custom);
        written += WriteText(destination[written..], command);
        return written + WriteBytes(destination[written..], payload);
    }

    internal static int WriteTag(Span<byte> destination, MessageTag tag)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)tag);
        return TagSize;
    }

    private static int WriteText(Span<byte> destination, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, destination[LengthSize..]);
        BinaryPrimitives.WriteUInt64LittleEndian(destination, (ulong)length);
        return LengthSize + length;
    }

    private static int WriteBytes(Span<byte> destination, ReadOnlySpan<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, (ulong)bytes.Length);
        bytes.CopyTo(destination[LengthSize..]);
        return LengthSize + bytes.Length;
    }
}
