namespace NetworkProtocol.Server.Replay;

/// <summary>What an <see cref="IReplayCache"/> says of a handshake.</summary>
public enum ReplayVerdict
{
    /// <summary>Its nonce has not been seen, and there is room for it.</summary>
    New,

    /// <summary>Its nonce has been seen: the handshake was recorded and comes again.</summary>
    Seen,

    /// <summary>There is no room to remember its nonce.</summary>
    Full,
}
