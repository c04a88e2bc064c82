using System.Net;

namespace NetworkProtocol.Server.Transport;

/// <summary>The endpoint of a server with an <see cref="InMemoryTransport"/>. There is only one.</summary>
internal sealed class InMemoryEndPoint : EndPoint
{
    public static readonly InMemoryEndPoint Instance = new();

    public override string ToString() => "memory";
}
