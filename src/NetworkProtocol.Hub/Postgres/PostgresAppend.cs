using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>A batch that waits for its transaction.</summary>
internal sealed class PostgresAppend(string identity, PreparedBatch prepared, long now, CancellationToken cancellationToken)
    : PostgresWorkOf<AppendAnswer>(prepared.Batch.Source, identity, now, cancellationToken)
{
    public PreparedBatch Prepared => prepared;

    // One more, so that even the batch of one message can become careful.
    public override int Weight => prepared.Weight + 1;
}
