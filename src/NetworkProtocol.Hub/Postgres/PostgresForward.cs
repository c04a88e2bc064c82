using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.NextHub;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>What the database keeps for the next hub.</summary>
internal sealed class PostgresForward(PostgresDatabase database, TimeProvider time)
{
    private readonly Signal _signal = new();

    /// <summary>Completes when this node has stored something since the property was read.</summary>
    public Task Changed => _signal.Changed;

    public void Signal() => _signal.Set();

    /// <summary>Opens the connection with which a node forwards when it is its turn.</summary>
    /// <param name="options">What is forwarded, and how much may wait.</param>
    /// <param name="tally">Counts what is not forwarded.</param>
    /// <param name="isLive">Called with the messages that have not waited behind others.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="HubStoreException">The store fails.</exception>
    public async Task<PostgresForwardSession> OpenAsync(
        HubForwardOptions options, ForwardTally tally, Action<Lane, long> isLive, CancellationToken cancellationToken) => new(
        await database.OpenUnpooledAsync(cancellationToken), database, options, tally, isLive, time);
}
