namespace NetworkProtocol.Server.Limits;

/// <summary>What a connection holds memory for.</summary>
internal enum BufferUse
{
    /// <summary>A packet that has begun and is not whole yet.</summary>
    Packet,

    /// <summary>The payload of a command whose handler runs.</summary>
    Request,

    /// <summary>Answers that the client has not taken yet.</summary>
    Answers,
}
