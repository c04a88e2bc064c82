using System.Text;

namespace NetworkProtocol.Messages;

/// <summary>One of the messages that an application exchanges; the handshake's own are in <c>Security</c>.</summary>
public abstract record Message
{
    private Message()
    {
    }

    /// <summary>The number on the wire.</summary>
    public abstract MessageTag Tag { get; }

    /// <summary>Bytes of the encoded message.</summary>
    internal virtual int EncodedLength => MessageEncoder.TagSize;

    /// <summary>Asks for a <see cref="Pong"/>.</summary>
    public sealed record Ping : Message
    {
        /// <summary>One is enough: it has no fields.</summary>
        public static readonly Ping Instance = new();

        /// <inheritdoc/>
        public override MessageTag Tag => MessageTag.Ping;
    }

    /// <summary>The answer to a <see cref="Ping"/>.</summary>
    public sealed record Pong : Message
    {
        /// <summary>One is enough: it has no fields.</summary>
        public static readonly Pong Instance = new();

        /// <inheritdoc/>
        public override MessageTag Tag => MessageTag.Pong;
    }

    /// <summary>The sender ends the connection: what has no answer by then gets none.</summary>
    public sealed record Disconnect : Message
    {
        /// <summary>One is enough: it has no fields.</summary>
        public static readonly Disconnect Instance = new();

        /// <inheritdoc/>
        public override MessageTag Tag => MessageTag.Disconnect;
    }

    /// <summary>A message of a kind that this version does not know.</summary>
    public sealed record Unknown : Message
    {
        /// <summary>One is enough: it has no fields.</summary>
        public static readonly Unknown Instance = new();

        /// <inheritdoc/>
        public override MessageTag Tag => MessageTag.Unknown;
    }

    /// <summary>A text that the receiver sends back.</summary>
    /// <param name="Text">Any text.</param>
    public sealed record Echo(string Text) : Message
    {
        /// <inheritdoc/>
        public override MessageTag Tag => MessageTag.Echo;

        internal override int EncodedLength =>
            MessageEncoder.TagSize + MessageEncoder.LengthSize + Encoding.UTF8.GetByteCount(Text);
    }

    /// <summary>A command with a payload.</summary>
    /// <param name="Command">The command's name.</param>
    /// <param name="Payload">Any bytes.</param>
    public sealed record Custom(string Command, ReadOnlyMemory<byte> Payload) : Message
    {
        /// <summary>The command of a server's answer to what it could not do; its payload is a UTF-8 text.</summary>
        public const string ErrorCommand = "ERROR";

        /// <inheritdoc/>
        public override MessageTag Tag => MessageTag.Custom;

        internal override int EncodedLength => MessageEncoder.GetCustomLength(Command, Payload.Span);

        /// <summary>An <see cref="ErrorCommand"/> message.</summary>
        public static Custom Error(string text) => new(ErrorCommand, Encoding.UTF8.GetBytes(text));

        /// <summary>Compares the payloads' bytes.</summary>
        public bool Equals(Custom? other) =>
            other is not null && Command == other.Command && Payload.Span.SequenceEqual(other.Payload.Span);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Command, Payload.Length);
    }
}
