namespace NetworkProtocol.Server.Replay;

/// <summary>How an <see cref="IReplayCache"/> judges a handshake.</summary>
public enum ReplayVerdict
{
    /// <summary>The nonce is new, and the cache has room for it.</summary>
    New,

    /// <summary>The nonce has been seen before: somebody has recorded the handshake and repeats it.</summary>
    Seen,

    /// <summary>The cache has no room for the nonce.</summary>
    Full,
}
