using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub;

/// <summary>
/// Stores what edges send. For each lane of a source the store keeps a mark, the last sequence number that it has stored, and changes it in
/// the transaction that stores the data, so that each message is stored exactly once.
/// </summary>
public interface IHubStore : IHubReader, IAsyncDisposable
{
    /// <summary>Opens the store and creates what is missing.</summary>
    /// <exception cref="HubStoreException">The store cannot be opened; the message names it and says why.</exception>
    Task OpenAsync(CancellationToken cancellationToken = default);

    /// <summary>Compares an edge's sequence with the store's, and takes over a new epoch.</summary>
    /// <param name="identity">
    /// Who the client is, in the form of <c>ClientIdentity.ToString()</c>; empty for a client without a verified name.
    /// </param>
    /// <param name="hello">The greeting.</param>
    /// <param name="cancellationToken">Cancels the wait; what has begun to be stored is stored.</param>
    /// <exception cref="SourceRefusedException">The source's name belongs to another identity.</exception>
    /// <exception cref="HubStoreException">The store fails.</exception>
    Task<HelloAnswer> HelloAsync(string identity, Hello hello, CancellationToken cancellationToken = default);

    /// <summary>Stores a batch. The answer follows the commit.</summary>
    /// <param name="identity">As for <see cref="HelloAsync"/>.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="cancellationToken">Cancels the wait; what has begun to be stored is stored.</param>
    /// <exception cref="SourceRefusedException">The source's name belongs to another identity.</exception>
    /// <exception cref="HubStoreException">The store fails.</exception>
    Task<AppendAnswer> AppendAsync(string identity, Batch batch, CancellationToken cancellationToken = default);

    /// <summary>Finds out whether the store can store at the moment.</summary>
    /// <exception cref="HubStoreException">It cannot; the message says why.</exception>
    Task CheckAsync(CancellationToken cancellationToken = default);

    /// <summary>Deletes what is older than <see cref="HubOptions.Retention"/> allows, in slices of at most 50 ms.</summary>
    Task RetainAsync(DateTimeOffset now, CancellationToken cancellationToken = default);
}
