namespace NetworkProtocol.Admin;

/// <summary>
/// All actions that an operator can perform on a node, in the name of one user or token. The methods throw only on cancellation: a refusal,
/// a failure and an unreachable node are outcomes, so that a caller of several nodes gets a result from each node.
/// </summary>
public interface INodeActions
{
    /// <summary>Ends a connection.</summary>
    /// <param name="key">The connection's key, as <c>node-1/42</c>.</param>
    /// <param name="cancellationToken">Stops waiting for the outcome.</param>
    Task<Outcome> DisconnectAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Ends all open connections that match, at a rate, in the background.</summary>
    Task<Outcome> DisconnectMatchingAsync(DisconnectRequest request, CancellationToken cancellationToken = default);

    /// <summary>Stops ending connections: the connections that the node has not told to disconnect yet stay open.</summary>
    Task<Outcome> StopDisconnectingAsync(CancellationToken cancellationToken = default);

    /// <summary>Bans an address, a network, a client's name or a certificate, and ends its connections.</summary>
    Task<Outcome> BanAsync(BanRequest request, CancellationToken cancellationToken = default);

    /// <summary>Lifts a ban.</summary>
    /// <param name="id">The ban's id.</param>
    /// <param name="cancellationToken">Stops waiting for the outcome.</param>
    Task<Outcome> UnbanAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Opens a circuit breaker until it is reset: the node makes no call through it.</summary>
    Task<Outcome> IsolateAsync(string breaker, CancellationToken cancellationToken = default);

    /// <summary>Closes a circuit breaker: the node makes calls through it again.</summary>
    Task<Outcome> ResetAsync(string breaker, CancellationToken cancellationToken = default);

    /// <summary>Reads the certificates' files again.</summary>
    Task<Outcome> ReloadCertificatesAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Drains the node: it reports not ready, refuses new connections, disconnects clients at a rate, and ends the remaining connections at
    /// the deadline.
    /// </summary>
    Task<Outcome> DrainAsync(DrainRequest request, CancellationToken cancellationToken = default);

    /// <summary>Undoes a drain: the node accepts connections again.</summary>
    Task<Outcome> UndoDrainAsync(CancellationToken cancellationToken = default);

    /// <summary>Has an edge send what is in its buffer now, without waits and without the limit for a backlog.</summary>
    Task<Outcome> FlushEdgeAsync(CancellationToken cancellationToken = default);

    /// <summary>Pauses the uplink of an edge until it is resumed or the node restarts. The edge goes on taking messages.</summary>
    Task<Outcome> PauseEdgeAsync(CancellationToken cancellationToken = default);

    /// <summary>Resumes the uplink of an edge.</summary>
    Task<Outcome> ResumeEdgeAsync(CancellationToken cancellationToken = default);

    /// <summary>Discards messages of an edge's buffer, and tells its hub of the loss.</summary>
    Task<Outcome> DiscardEdgeAsync(EdgeDiscardRequest request, CancellationToken cancellationToken = default);

    /// <summary>Creates a token for the API. Only this outcome contains the token's secret.</summary>
    Task<Outcome> CreateTokenAsync(TokenRequest request, CancellationToken cancellationToken = default);

    /// <summary>Revokes a token of the API.</summary>
    Task<Outcome> RevokeTokenAsync(string name, CancellationToken cancellationToken = default);
}
