namespace NetworkProtocol.Messages;

/// <summary>The number that begins each message (wire protocol, section 2).</summary>
public enum MessageTag
{
    /// <summary>Asks the receiver for a <see cref="Pong"/>.</summary>
    Ping = 0,

    /// <summary>The answer to a <see cref="Ping"/>.</summary>
    Pong = 1,

    /// <summary>The client's first handshake message.</summary>
    HandshakeInit = 2,

    /// <summary>The server's handshake message.</summary>
    HandshakeResponse = 3,

    /// <summary>The client's second handshake message.</summary>
    HandshakeConfirm = 4,

    /// <summary>A text that the receiver sends back.</summary>
    Echo = 5,

    /// <summary>The sender ends the connection.</summary>
    Disconnect = 6,

    /// <summary>A command with a payload.</summary>
    Custom = 7,

    /// <summary>Stands for every other number.</summary>
    Unknown = 8,
}
