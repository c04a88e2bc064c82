using Microsoft.Data.Sqlite;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>The losses that the hub has not acknowledged. Losses that follow each other are one row.</summary>
internal sealed class LossTable : IDisposable
{
    /// <summary>
    /// From so many rows of a lane on, a loss that follows another one joins it whatever its reason, so that there are never more losses
    /// than these and the messages between them.
    /// </summary>
    private const int MaxRows = 10_000;

    private readonly Statement _insert;
    private readonly Statement _before;
    private readonly Statement _extend;
    private readonly Statement _to;
    private readonly Statement _deleteTo;
    private readonly Statement _after;
    private readonly Statement _count;
    private readonly long[] _rows = new long[Enum.GetValues<Lane>().Length];

    public LossTable(SqliteConnection connection)
    {
        _insert = new(connection, "INSERT INTO losses VALUES($0, $1, $2)");
        _before = new(connection, "SELECT id, count, reason FROM losses WHERE id < $0 ORDER BY id DESC LIMIT 1");
        _extend = new(connection, "UPDATE losses SET count = $1 WHERE id = $0");
        _to = new(connection, "SELECT id, count, reason FROM losses WHERE id BETWEEN $0 AND $1");
        _deleteTo = new(connection, "DELETE FROM losses WHERE id BETWEEN $0 AND $1");
        _after = new(connection, "SELECT id, count, reason FROM losses WHERE id > $0 AND id <= $1 ORDER BY id LIMIT $2");
        _count = new(connection, "SELECT count(*) FROM losses WHERE id BETWEEN $0 AND $1");
        Reload();
    }

    /// <summary>Reads again what this object remembers, after a transaction was undone.</summary>
    public void Reload()
    {
        foreach (var lane in Enum.GetValues<Lane>())
        {
            using var row = _count.Read(RowId.Of(lane, 0), RowId.Of(lane, Batch.MaxNumber));
            row.Read();
            _rows[(int)lane] = row.GetInt64(0);
        }
    }

    /// <summary>Notes that messages are lost. Later numbers of a lane come after earlier ones, or between two messages.</summary>
    public void Note(Lane lane, long first, long count, LossReason reason)
    {
        var id = RowId.Of(lane, first);
        using var before = _before.Read(id);
        if (before.Read() && before.GetInt64(0) + before.GetInt64(1) == id
            && (before.GetInt64(2) == (long)reason || _rows[(int)lane] >= MaxRows))
        {
            var (start, already) = (before.GetInt64(0), before.GetInt64(1));
            before.Close();
            _extend.Run(start, already + count);
            return;
        }

        before.Close();
        _insert.Run(id, count, (long)reason);
        _rows[(int)lane]++;
    }

    /// <summary>Reads the losses behind a sequence number.</summary>
    public List<Loss> After(Lane lane, long sequence, int count) =>
        ReadAll(_after.Read(RowId.Of(lane, sequence), RowId.Of(lane, Batch.MaxNumber), (long)count));

    /// <summary>Deletes what the mark covers. The rest of a loss that the mark covers only in part stays.</summary>
    public void DeleteTo(Lane lane, long mark)
    {
        var covered = ReadAll(_to.Read(RowId.Of(lane, 0), RowId.Of(lane, mark)));
        _deleteTo.Run(RowId.Of(lane, 0), RowId.Of(lane, mark));
        foreach (var loss in covered.Where(loss => loss.Last > mark))
        {
            _insert.Run(RowId.Of(lane, mark + 1), loss.Last - mark, (long)loss.Reason);
        }

        _rows[(int)lane] -= covered.Count(loss => loss.Last <= mark);
    }

    public void Dispose() =>
        Array.ForEach([_insert, _before, _extend, _to, _deleteTo, _after, _count], statement => statement.Dispose());

    private static List<Loss> ReadAll(SqliteDataReader reader)
    {
        using (reader)
        {
            var losses = new List<Loss>();
            while (reader.Read())
            {
                losses.Add(new Loss(RowId.SequenceOf(reader.GetInt64(0)), reader.GetInt64(1), (LossReason)reader.GetInt64(2)));
            }

            return losses;
        }
    }
}
