namespace NetworkProtocol.Client.Pool;

/// <summary>The servers in an order of this client's own, so that many clients spread over them.</summary>
internal sealed class ServerSelection
{
    private readonly ServerEntry[] _servers;

    public ServerSelection(ServerEntry[] servers)
    {
        _servers = servers;
        Random.Shared.Shuffle(_servers);
    }

    public IReadOnlyList<ServerEntry> All => _servers;

    public int Count => _servers.Length;

    /// <summary>Those that may be tried: first the ones with the fewest connections, and last the ones that are going away.</summary>
    public IEnumerable<ServerEntry> InOrder(long now) => _servers
        .Where(server => server.Breaker.Permits)
        .OrderBy(server => server.AvoidUntil > now)
        .ThenBy(server => server.Open)
        .ToArray();

    /// <summary>How long until one may be tried.</summary>
    public TimeSpan NextTrial() => Array.Exists(_servers, server => server.Breaker.Permits)
        ? TimeSpan.Zero
        : _servers.Min(server => server.Breaker.RetryAfter) ?? TimeSpan.Zero;

    /// <summary>The error when none may be tried.</summary>
    public ProtocolClientException CreateOpenError() =>
        _servers.MinBy(server => server.Breaker.RetryAfter ?? TimeSpan.MaxValue)!.Breaker.CreateOpenError();
}
