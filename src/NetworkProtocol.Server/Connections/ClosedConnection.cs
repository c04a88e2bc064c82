using System.Net;

namespace NetworkProtocol.Server.Connections;

/// <summary>A connection that has ended, as lists show it.</summary>
/// <param name="Id">The number that the connection had.</param>
/// <param name="RemoteEndPoint">The client's address.</param>
/// <param name="Transport">How the client reached the server.</param>
/// <param name="Identity">Who the client was.</param>
/// <param name="ConnectedAt">When the server accepted the connection.</param>
/// <param name="ClosedAt">When the connection ended.</param>
/// <param name="Reason">Why the connection ended.</param>
/// <param name="MessagesReceived">Messages received.</param>
/// <param name="MessagesSent">Messages sent.</param>
/// <param name="BytesReceived">Bytes of packets received.</param>
/// <param name="BytesSent">Bytes of packets sent.</param>
/// <param name="LastCommand">The command of the client's last message, or the message's kind, or null.</param>
/// <param name="LastError">The last error, or null.</param>
public sealed record ClosedConnection(
    long Id,
    EndPoint? RemoteEndPoint,
    ConnectionTransport Transport,
    ClientIdentity Identity,
    DateTimeOffset ConnectedAt,
    DateTimeOffset ClosedAt,
    CloseReason Reason,
    long MessagesReceived,
    long MessagesSent,
    long BytesReceived,
    long BytesSent,
    string? LastCommand,
    string? LastError);
