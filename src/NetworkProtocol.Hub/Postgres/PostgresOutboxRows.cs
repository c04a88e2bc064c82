using Npgsql;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>The messages that a transaction keeps for the next hub.</summary>
/// <param name="wantsMessages">Whether messages are forwarded.</param>
internal sealed class PostgresOutboxRows(bool wantsMessages)
{
    private readonly List<(string Source, Lane Lane, BatchMessage Message)> _rows = [];

    public void Add(in PostgresMessage message)
    {
        if (wantsMessages)
        {
            _rows.Add((message.Source.Name, message.Lane.Lane, message.Message));
        }
    }

    public void Write(NpgsqlBatch batch)
    {
        if (_rows.Count == 0)
        {
            return;
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            "INSERT INTO hub.outbox (lane, source, time, topic, payload) SELECT * FROM unnest($1, $2, $3, $4, $5)")
        {
            Parameters =
            {
                Of(row => (int)row.Lane), Of(row => row.Source), Of(row => row.Message.Time), Of(row => row.Message.Topic),
                Of(row => row.Message.Payload.ToArray()),
            },
        });
    }

    private NpgsqlParameter<T[]> Of<T>(Func<(string Source, Lane Lane, BatchMessage Message), T> select) =>
        new() { TypedValue = [.. _rows.Select(select)] };
}
