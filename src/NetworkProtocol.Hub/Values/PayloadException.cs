namespace NetworkProtocol.Hub.Values;

/// <summary>A payload that cannot be stored. The message is the reason of the dead letter.</summary>
internal sealed class PayloadException(string message) : Exception(message);
