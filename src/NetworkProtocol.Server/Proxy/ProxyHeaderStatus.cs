namespace NetworkProtocol.Server.Proxy;

/// <summary>The result of <see cref="ProxyHeader.TryRead"/>.</summary>
internal enum ProxyHeaderStatus
{
    Incomplete,
    Complete,
    Invalid,
}
