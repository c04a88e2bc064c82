using System.Net;

namespace NetworkProtocol.Server.Connections;

/// <summary>What is remembered of a connection that ended.</summary>
/// <param name="Id">Its number.</param>
/// <param name="RemoteEndPoint">The client.</param>
/// <param name="Transport">How the client reached the server.</param>
/// <param name="Identity">Who the client was.</param>
/// <param name="ConnectedAt">When it was accepted.</param>
/// <param name="ClosedAt">When it ended.</param>
/// <param name="Reason">Why it ended.</param>
/// <param name="MessagesReceived">Messages received.</param>
/// <param name="MessagesSent">Messages sent.</param>
/// <param name="BytesReceived">Bytes of packets received.</param>
/// <param name="BytesSent">Bytes of packets sent.</param>
/// <param name="LastCommand">The client's last message's command or kind, or null.</param>
/// <param name="LastError">What went wrong last, or null.</param>
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
