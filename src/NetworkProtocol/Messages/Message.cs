using System.Text;

namespace NetworkProtocol.Messages;

/// <summary>A message that applications exchange. The messages of the handshake are in <c>Security</c>.</summary>
public abstract record Message
{
    private Message()
    {
    }

    /// <summary>The number that begins the encoded message.</summary>
    public abstract MessageTag Tag { get; }

    /// <summary>The length of the encoded message in bytes.</summary>
    internal virtual int EncodedLength => MessageEncoder.TagSize;

    /// <summary>Asks the receiver for a <see cref="Pong"/>.</summary>
    public sealed record Ping : Message
    {
        /// <summary>The shared instance, because the message has no fields.</summary>
        public static readonly Ping Instance = new();

        /// <inheritdoc/>
        public override MessageTag Tag => MessageTag.Ping;
    }

    /// <summary>The answer to a <see cref="Ping"/>.</summary>
    public sealed record Pong : Message
    {
        /// <summary>The shared instance, because the message has no fields.</summary>
        public static readonly Pong Instance = new();

        /// <inheritdoc/>
        public override MessageTag Tag => MessageTag.Pong;
    }

    /// <summary>Tells that the sender ends the connection. Requests without an answer get none any more.</summary>
    public sealed record Disconnect : Message
    {
        /// <summary>The shared instance, because the message has no fields.</summary>
        public static readonly Disconnect Instance = new();

        /// <inheritdoc/>
        public override MessageTag Tag => MessageTag.Disconnect;
    }

    /// <summary>A message with a number that this version does not know.</summary>
    public sealed record Unknown : Message
    {
        /// <summary>The shared instance, because the message has no fields.</summary>
        public static readonly Unknown Instance = new();

        /// <inheritdoc/>
        public override MessageTag Tag => MessageTag.Unknown;
    }

    /// <summary>A text that the receiver sends back.</summary>
    /// <param name="Text">The text, which may be any text.</param>
    public sealed record Echo(string Text) : Message
    {
        /// <inheritdoc/>
        public override MessageTag Tag => MessageTag.Echo;

        internal override int EncodedLength =>
            MessageEncoder.TagSize + MessageEncoder.LengthSize + Encoding.UTF8.GetByteCount(Text);
    }

    /// <summary>A command with a payload.</summary>
    /// <param name="Command">The command's name.</param>
    /// <param name="Payload">The payload, which may be any bytes.</param>
    public sealed record Custom(string Command, ReadOnlyMemory<byte> Payload) : Message
    {
        /// <summary>The command of a server's answer to a request that it could not execute. Its payload is a UTF-8 text.</summary>
        public const string ErrorCommand = "ERROR";

        /// <inheritdoc/>
        public override MessageTag Tag => MessageTag.Custom;

        internal override int EncodedLength => MessageEncoder.GetCustomLength(Command, Payload.Span);

        /// <summary>Makes a message with the command <see cref="ErrorCommand"/>.</summary>
        public static Custom Error(string text) => new(ErrorCommand, Encoding.UTF8.GetBytes(text));

        /// <summary>Compares the commands and the bytes of the payloads.</summary>
        public bool Equals(Custom? other) =>
            other is not null && Command == other.Command && Payload.Span.SequenceEqual(other.Payload.Span);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Command, Payload.Length);
    }
}
