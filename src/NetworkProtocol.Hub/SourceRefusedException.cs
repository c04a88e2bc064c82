namespace NetworkProtocol.Hub;

/// <summary>A client may not send under a source's name. The message can be told to the client.</summary>
/// <param name="message">Why not.</param>
public sealed class SourceRefusedException(string message) : Exception(message);
