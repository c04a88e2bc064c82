namespace NetworkProtocol.Hub;

/// <summary><see cref="HubQuery.After"/> is no place of the list that is asked for. The message can be told to the client.</summary>
/// <param name="message">What is wrong.</param>
public sealed class HubPlaceException(string message) : ArgumentException(message);
