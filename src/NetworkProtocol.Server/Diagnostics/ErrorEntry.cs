using System.Net;

namespace NetworkProtocol.Server.Diagnostics;

/// <summary>An error of a client or of the server.</summary>
/// <param name="At">When the error happened.</param>
/// <param name="Kind">The kind of error; the label of <c>errors_total</c>.</param>
/// <param name="Text">What happened. The text may contain words that a client chose.</param>
/// <param name="ConnectionId">The number of the connection.</param>
/// <param name="RemoteEndPoint">The client's address, or null if the client has none.</param>
public sealed record ErrorEntry(DateTimeOffset At, string Kind, string Text, long ConnectionId, EndPoint? RemoteEndPoint);
