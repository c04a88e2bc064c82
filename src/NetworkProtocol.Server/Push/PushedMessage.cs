namespace NetworkProtocol.Server.Push;

/// <summary>A message that is encoded once for all who get it.</summary>
internal sealed record PushedMessage(string Command, byte[] Encoded);
