using Npgsql;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>What a transaction writes beside the readings: the losses, and the messages that it puts aside.</summary>
internal sealed class PostgresAside
{
    private readonly List<(long Source, int Lane, long Epoch, Loss Loss, long At)> _losses = [];
    private readonly List<(long Source, BatchMessage Message, byte[] Payload, string Reason, long At)> _letters = [];

    public void Add(SourceRow source, LaneRow lane, long epoch, Loss loss, long now)
    {
        _losses.Add((source.Id, (int)lane.Lane, epoch, loss, now));
        source.HasNewLosses = true;
    }

    public void Add(in PostgresMessage message, string problem)
    {
        var payload = message.Message.Payload.Span;
        if (payload.Length > StoreLimits.DeadLetterBytes)
        {
            problem += $" Of its {payload.Length} bytes the first {StoreLimits.DeadLetterBytes} are kept.";
            payload = payload[..StoreLimits.DeadLetterBytes];
        }

        // A reason may quote the payload, and PostgreSQL has no place for NUL.
        _letters.Add((
            message.Source.Id, message.Message, payload.ToArray(), problem.Replace('\0', '\uFFFD'), message.Now));
        message.Source.HasNewDeadLetters = true;
    }

    public void Write(NpgsqlBatch batch)
    {
        if (_losses.Count > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(
                "INSERT INTO hub.losses (source, lane, epoch, first, count, reason, at) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)")
            {
                Parameters =
                {
                    Of(_losses, loss => loss.Source), Of(_losses, loss => loss.Lane), Of(_losses, loss => loss.Epoch),
                    Of(_losses, loss => loss.Loss.First), Of(_losses, loss => loss.Loss.Count),
                    Of(_losses, loss => (int)loss.Loss.Reason), Of(_losses, loss => loss.At),
                },
            });
        }

        if (_letters.Count > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(
                "INSERT INTO hub.dead_letters (source, sequence, time, topic, payload, reason, at) "
                + "SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)")
            {
                Parameters =
                {
                    Of(_letters, letter => letter.Source), Of(_letters, letter => letter.Message.Sequence),
                    Of(_letters, letter => letter.Message.Time), Of(_letters, letter => letter.Message.Topic),
                    Of(_letters, letter => letter.Payload), Of(_letters, letter => letter.Reason), Of(_letters, letter => letter.At),
                },
            });
        }
    }

    private static NpgsqlParameter<T[]> Of<TRow, T>(List<TRow> rows, Func<TRow, T> select) =>
        new() { TypedValue = [.. rows.Select(select)] };
}
