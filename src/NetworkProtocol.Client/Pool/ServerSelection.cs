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

    /// <summary>
    /// Those that may be tried, all but the ones that an operator has isolated: first those that work as far as is known, of these the
    /// ones with the fewest connections, and late the ones that are going away or were slower than another just now.
    /// </summary>
    public ServerEntry[] InOrder(long now) =>
    [
        .. _servers
            .Where(server => server.Breaker.State != BreakerState.Isolated)
            .OrderBy(server => !server.Breaker.Permits)
            .ThenBy(server => server.AvoidUntil > now)
            .ThenBy(server => server.SlowUntil > now)
            .ThenBy(server => server.Open),
    ];

    /// <summary>Whether one may be tried that has not just said that it is going away.</summary>
    public bool IsAnyWelcoming(long now) =>
        Array.Exists(_servers, server => server.Breaker.State != BreakerState.Isolated && server.AvoidUntil <= now);

    /// <summary>The error when none may be tried.</summary>
    public ProtocolClientException CreateOpenError() =>
        _servers.MinBy(server => server.Breaker.RetryAfter ?? TimeSpan.MaxValue)!.Breaker.CreateOpenError();
}
