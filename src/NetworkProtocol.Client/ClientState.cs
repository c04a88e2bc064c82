namespace NetworkProtocol.Client;

/// <summary>The state of a <see cref="ProtocolClient"/>.</summary>
public enum ClientState
{
    /// <summary>The client has not been used yet, or its last connection was idle for too long and was closed.</summary>
    Idle,

    /// <summary>The client makes its first connection.</summary>
    Connecting,

    /// <summary>The client has at least one connection.</summary>
    Connected,

    /// <summary>The last connection is lost, or no connection could be made. The client tries again.</summary>
    Disconnected,

    /// <summary>The client was disposed, or has given up (<see cref="ReconnectOptions.MaxAttempts"/>).</summary>
    Closed,
}
