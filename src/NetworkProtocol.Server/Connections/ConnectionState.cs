namespace NetworkProtocol.Server.Connections;

/// <summary>What a connection does at a moment.</summary>
public enum ConnectionState
{
    /// <summary>The handshake is not complete yet.</summary>
    Handshaking,

    /// <summary>The server waits for the client's next message.</summary>
    Waiting,

    /// <summary>A command's handler runs.</summary>
    Running,

    /// <summary>Answers wait for the client to read them.</summary>
    Sending,

    /// <summary>The client is being disconnected, or the connection is ending.</summary>
    Closing,
}
