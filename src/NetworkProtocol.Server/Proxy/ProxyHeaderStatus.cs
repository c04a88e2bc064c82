namespace NetworkProtocol.Server.Proxy;

/// <summary>What <see cref="ProxyHeader.TryRead"/> found.</summary>
internal enum ProxyHeaderStatus
{
    Incomplete,
    Complete,
    Invalid,
}
