namespace NetworkProtocol.Client;

/// <summary>Where a <see cref="ProtocolClient"/> stands.</summary>
public enum ClientState
{
    /// <summary>No connection was needed yet.</summary>
    Idle,

    /// <summary>The first connection is being made.</summary>
    Connecting,

    /// <summary>There is at least one connection.</summary>
    Connected,

    /// <summary>The last connection is lost, or none could be made; it is tried again.</summary>
    Disconnected,

    /// <summary>It was disposed, or has given up (<see cref="ReconnectOptions.MaxAttempts"/>).</summary>
    Closed,
}
