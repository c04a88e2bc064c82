namespace NetworkProtocol.Server.Connections;

/// <summary>What is kept of a message, which is never its payload.</summary>
/// <param name="At">When it was received or sent, as a timestamp of the server's <see cref="TimeProvider"/>.</param>
/// <param name="Name">The message's command, or its kind in capitals.</param>
/// <param name="Bytes">The packet's length.</param>
/// <param name="Sent">Whether the server sent it.</param>
public readonly record struct RecentMessage(long At, string Name, int Bytes, bool Sent);
