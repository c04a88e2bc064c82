namespace NetworkProtocol.Admin;

/// <summary>
/// Everything that an operator can do to a node, in the name of one user or token. Nothing but a cancellation is thrown: a refusal, a fault and a
/// node that does not answer are outcomes, so that a caller of several nodes can say of each what became of the request.
/// </summary>
public interface INodeActions
{
    /// <summary>Ends a connection.</summary>
    /// <param name="key">Its key, as <c>node-1/42</c>.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<Outcome> DisconnectAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Ends all open connections that match, at a rate, in the background.</summary>
    Task<Outcome> DisconnectMatchingAsync(DisconnectRequest request, CancellationToken cancellationToken = default);

    /// <summary>Stops ending connections: those that were not told to disconnect yet stay.</summary>
    Task<Outcome> StopDisconnectingAsync(CancellationToken cancellationToken = default);

    /// <summary>Bans an address, a network, a client's name or its certificate, and ends its connections.</summary>
    Task<Outcome> BanAsync(BanRequest request, CancellationToken cancellationToken = default);

    /// <summary>Lifts a ban.</summary>
    /// <param name="id">The ban's id.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<Outcome> UnbanAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Opens a circuit breaker until it is reset: no call is made.</summary>
    Task<Outcome> IsolateAsync(string breaker, CancellationToken cancellationToken = default);

    /// <summary>Closes a circuit breaker: calls are made again.</summary>
    Task<Outcome> ResetAsync(string breaker, CancellationToken cancellationToken = default);

    /// <summary>Reads the certificates' files again.</summary>
    Task<Outcome> ReloadCertificatesAsync(CancellationToken cancellationToken = default);

    /// <summary>Drains the node: it reports not ready, refuses new connections, disconnects clients at a rate, and ends the rest at the deadline.</summary>
    Task<Outcome> DrainAsync(DrainRequest request, CancellationToken cancellationToken = default);

    /// <summary>Undoes a drain: the node accepts connections again.</summary>
    Task<Outcome> UndoDrainAsync(CancellationToken cancellationToken = default);

    /// <summary>Creates a token for the API. The outcome alone has its secret.</summary>
    Task<Outcome> CreateTokenAsync(TokenRequest request, CancellationToken cancellationToken = default);

    /// <summary>Revokes a token.</summary>
    Task<Outcome> RevokeTokenAsync(string name, CancellationToken cancellationToken = default);
}
