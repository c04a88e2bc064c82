using System.Net;

namespace NetworkProtocol.Server.Diagnostics;

/// <summary>An error that a client or the server made.</summary>
/// <param name="At">When.</param>
/// <param name="Kind">What kind; the label of <c>errors_total</c>.</param>
/// <param name="Text">What happened. It may hold words that a client chose.</param>
/// <param name="ConnectionId">Whose connection.</param>
/// <param name="RemoteEndPoint">The client, or null if it has no address.</param>
public sealed record ErrorEntry(DateTimeOffset At, string Kind, string Text, long ConnectionId, EndPoint? RemoteEndPoint);
