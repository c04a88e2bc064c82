namespace NetworkProtocol.Server.Wire;

/// <summary>What the message loop does after <see cref="MessageProcessor.ProcessNext"/>.</summary>
internal enum ProcessingStep
{
    /// <summary>No whole packet is left: the loop reads more bytes.</summary>
    NeedMore,

    /// <summary>The message is answered, and the next one may follow.</summary>
    Continue,

    /// <summary>A command is prepared, and the loop waits for its handler.</summary>
    AwaitHandler,

    /// <summary>The connection has its reason to end.</summary>
    End,
}
