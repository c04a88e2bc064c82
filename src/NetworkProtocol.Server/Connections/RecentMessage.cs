namespace NetworkProtocol.Server.Connections;

/// <summary>What is remembered of a message: never what it said.</summary>
/// <param name="At">When, as a timestamp of the server's <see cref="TimeProvider"/>.</param>
/// <param name="Name">Its command, or its kind in capitals.</param>
/// <param name="Bytes">The packet's length.</param>
/// <param name="Sent">Whether the server sent it.</param>
public readonly record struct RecentMessage(long At, string Name, int Bytes, bool Sent);
