namespace NetworkProtocol.Server.Memory;

/// <summary>What a connection holds memory for.</summary>
internal enum BufferUse
{
    /// <summary>A packet that has begun and is not whole yet.</summary>
    Packet,

    /// <summary>The payload of a command whose handler runs.</summary>
    Request,

    /// <summary>The payload of a command whose handler runs on although its time is over or its connection has ended.</summary>
    Overrun,

    /// <summary>Answers that the client has not read yet.</summary>
    Answers,
}
