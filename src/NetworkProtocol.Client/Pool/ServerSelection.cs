namespace NetworkProtocol.Client.Pool;

/// <summary>
/// Orders the servers for the next attempt to connect. Each client has a random order, so that many clients use all servers.
/// </summary>
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
    /// Returns all servers except those whose breaker an operator has isolated. Servers whose breaker lets calls through come first; then
    /// those that have not just sent Disconnect; then those that were not just slower than another one; then those with the fewest
    /// connections.
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

    /// <summary>Whether there is a server that is not isolated and has not just sent Disconnect.</summary>
    public bool IsAnyAvailable(long now) =>
        Array.Exists(_servers, server => server.Breaker.State != BreakerState.Isolated && server.AvoidUntil <= now);

    /// <summary>Creates the exception for callers when all servers are isolated.</summary>
    public ProtocolClientException CreateOpenError() =>
        _servers.MinBy(server => server.Breaker.RetryAfter ?? TimeSpan.MaxValue)!.Breaker.CreateOpenError();
}
