using System.Net;

namespace NetworkProtocol.Server.Transport;

/// <summary>The one place in memory where a server with an <see cref="InMemoryTransport"/> listens.</summary>
internal sealed class InMemoryEndPoint : EndPoint
{
    public static readonly InMemoryEndPoint Instance = new();

    public override string ToString() => "memory";
}
