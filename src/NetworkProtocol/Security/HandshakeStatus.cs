namespace NetworkProtocol.Security;

/// <summary>The result of a step of the handshake.</summary>
public enum HandshakeStatus
{
    /// <summary>The message was accepted.</summary>
    Ok,

    /// <summary>The message is not the expected one.</summary>
    Unexpected,

    /// <summary>The client's clock is more than 30 s behind the server's or more than 2 s ahead of it.</summary>
    BadTimestamp,

    /// <summary>The public key is of low order.</summary>
    BadKey,

    /// <summary>The peer's proof does not match our nonce.</summary>
    BadProof,
}
