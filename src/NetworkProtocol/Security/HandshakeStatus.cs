namespace NetworkProtocol.Security;

/// <summary>How a step of the handshake ended.</summary>
public enum HandshakeStatus
{
    /// <summary>The step is good.</summary>
    Ok,

    /// <summary>Another message than the expected one.</summary>
    Unexpected,

    /// <summary>The client's clock is more than 30 s behind or 2 s ahead.</summary>
    BadTimestamp,

    /// <summary>The public key is of low order.</summary>
    BadKey,

    /// <summary>The peer's proof does not match our nonce.</summary>
    BadProof,
}
