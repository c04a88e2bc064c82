using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace NetworkProtocol.Messages;

/// <summary>A decoded message that is a view into the packet's payload. Decoding copies and allocates nothing.</summary>
public readonly ref struct MessageView
{
    private MessageView(MessageTag tag, ReadOnlySpan<byte> text, ReadOnlySpan<byte> body, ReadOnlySpan<byte> encoded)
    {
        Tag = tag;
        Text = text;
        Body = body;
        Encoded = encoded;
    }

    /// <summary>The message's number.</summary>
    public MessageTag Tag { get; }

    /// <summary>The text of an Echo, or the command of a Custom, in valid UTF-8. Empty for other messages.</summary>
    public ReadOnlySpan<byte> Text { get; }

    /// <summary>The payload of a Custom, or the fields of a handshake message. Empty for other messages.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>The bytes of the message, without bytes that follow it.</summary>
    public ReadOnlySpan<byte> Encoded { get; }

    /// <summary>Decodes one message. Bytes after the message are ignored, as in the reference implementation.</summary>
    /// <returns>False if a field is cut short or a text is not UTF-8.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> payload, out MessageView message)
    {
        message = default;
        if (!BinaryPrimitives.TryReadUInt32LittleEndian(payload, out var tag))
        {
            return false;
        }

        var rest = payload[MessageEncoder.TagSize..];
        ReadOnlySpan<byte> text = default, body = default;
        var known = tag < (uint)MessageTag.Unknown ? (MessageTag)tag : MessageTag.Unknown;
        var good = known switch
        {
            MessageTag.HandshakeInit => TryTake(ref rest, HandshakeFields.InitLength, out body),
            MessageTag.HandshakeResponse => TryTake(ref rest, HandshakeFields.ResponseLength, out body),
            MessageTag.HandshakeConfirm => TryTake(ref rest, HandshakeFields.ConfirmLength, out body),
            MessageTag.Echo => TryTakeText(ref rest, out text),
            MessageTag.Custom => TryTakeText(ref rest, out text) && TryTakePrefixed(ref rest, out body),
            _ => true,
        };
        if (good)
        {
            message = new MessageView(known, text, body, payload[..(payload.Length - rest.Length)]);
        }

        return good;
    }

    /// <summary>Copies the view into a <see cref="Message"/>.</summary>
    /// <exception cref="InvalidOperationException">
    /// The view is a handshake message, for which there is no <see cref="Message"/>.
    /// </exception>
    public Message ToMessage() => Tag switch
    {
        MessageTag.Ping => Message.Ping.Instance,
        MessageTag.Pong => Message.Pong.Instance,
        MessageTag.Disconnect => Message.Disconnect.Instance,
        MessageTag.Echo => new Message.Echo(Encoding.UTF8.GetString(Text)),
        MessageTag.Custom => new Message.Custom(Encoding.UTF8.GetString(Text), Body.ToArray()),
        MessageTag.Unknown => Message.Unknown.Instance,
        _ => throw new InvalidOperationException($"{Tag} is a message of the handshake, and no application message."),
    };

    private static bool TryTakeText(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> text) =>
        TryTakePrefixed(ref rest, out text) && Utf8.IsValid(text);

    private static bool TryTakePrefixed(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (!BinaryPrimitives.TryReadUInt64LittleEndian(rest, out var length))
        {
            return false;
        }

        rest = rest[MessageEncoder.LengthSize..];
        return length <= (ulong)rest.Length && TryTake(ref rest, (int)length, out taken);
    }

    private static bool TryTake(scoped ref ReadOnlySpan<byte> rest, int length, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (rest.Length < length)
        {
            return false;
        }

        taken = rest[..length];
        rest = rest[length..];
        return true;
    }
}
