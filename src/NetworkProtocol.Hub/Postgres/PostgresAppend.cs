using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>A batch that waits for its transaction.</summary>
internal sealed class PostgresAppend(string identity, PreparedBatch prepared, long now, CancellationToken cancellationToken)
    : PostgresWorkOf<AppendAnswer>(prepared.Batch.Source, identity, now, cancellationToken)
{
    public PreparedBatch Prepared => prepared;

    /// <summary>The beginnings of the days that the batch has values of.</summary>
    public IReadOnlyCollection<long> Days { get; } = DaysOf(prepared);

    // One more, so that even the batch of one message can become careful.
    public override int Weight => prepared.Weight + 1;

    private static HashSet<long> DaysOf(PreparedBatch prepared)
    {
        var days = new HashSet<long>();
        for (var i = 0; i < prepared.Batch.Messages.Count; i++)
        {
            var values = prepared[i];
            for (var k = 0; k < values.Count; k++)
            {
                days.Add(PostgresPartition.StartOfDay(values[k].Time));
            }

            if (values.KeepsBytes)
            {
                days.Add(PostgresPartition.StartOfDay(prepared.Batch.Messages[i].Time));
            }
        }

        return days;
    }
}
