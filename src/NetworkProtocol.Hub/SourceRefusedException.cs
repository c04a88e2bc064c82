namespace NetworkProtocol.Hub;

/// <summary>A client may not send under a source's name. The message can be told to the client.</summary>
/// <param name="message">Why not.</param>
public sealed class SourceRefusedException(string message) : Exception(message)
{
    /// <summary>What the log says instead of the message, because it concerns other clients; null for the message.</summary>
    public string? Detail { get; init; }
}
