namespace NetworkProtocol.Server.Push;

/// <summary>A pushed message, which is encoded once for all its receivers.</summary>
internal sealed record PushedMessage(string Command, byte[] Encoded);
