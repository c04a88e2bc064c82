namespace NetworkProtocol.Hub;

/// <summary>The hub's store cannot do what it was asked for. The message says what happened and what an operator can do.</summary>
/// <param name="message">What happened.</param>
/// <param name="innerException">The error of the database.</param>
public sealed class HubStoreException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>
    /// Whether the reason may pass without a change of the settings, as a full disk or a lock does, so that it is worth trying again.
    /// </summary>
    public bool IsTemporary { get; init; }
}
