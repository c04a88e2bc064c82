using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.NextHub;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>What the database keeps for the next hub.</summary>
internal sealed class PostgresForward(PostgresDatabase database, HubRetentionOptions keep, TimeProvider time)
{
    private readonly Signal _signal = new();

    /// <summary>Completes when this node has stored something since the property was read.</summary>
    public Task Changed => _signal.Changed;

    public void Signal() => _signal.Set();

    /// <summary>Opens the connection with which a node forwards when it is its turn.</summary>
    /// <param name="options">What is forwarded, and how much may wait.</param>
    /// <param name="tally">Counts what is not forwarded.</param>
    /// <param name="isNew">Called with how many messages have come newly, whether or not they wait behind others.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="HubStoreException">The store fails.</exception>
    public async Task<PostgresForwardSession> OpenAsync(
        HubForwardOptions options, ForwardTally tally, Action<Lane, long> isNew, CancellationToken cancellationToken) => new(
        await database.OpenUnpooledAsync(cancellationToken), database, options, keep, tally, isNew, time);
}
