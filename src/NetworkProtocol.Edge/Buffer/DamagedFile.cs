using Microsoft.Data.Sqlite;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>Reads what can be read of a damaged buffer: the rows on the pages that are good.</summary>
internal sealed class DamagedFile : IDisposable
{
    /// <summary>
    /// How many ids are tried one by one behind a row that cannot be read. A page has fewer rows. Behind these the steps grow, because
    /// then an inner page of the tree is damaged.
    /// </summary>
    private const int SingleSteps = 256;

    private readonly SqliteConnection? _connection;

    public DamagedFile(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            _connection = connection;
        }
        catch (SqliteException)
        {
            connection.Dispose(); // not even the header can be read: there is nothing to copy
        }
    }

    /// <summary>The epoch; 0 if it cannot be read.</summary>
    public long ReadEpoch() => Try(connection => connection.ReadNumber("SELECT max(epoch) FROM epoch"));

    /// <summary>Copies messages, losses and lanes, and notes as lost what lies between them.</summary>
    /// <returns>How many messages were copied, and how many are known to be lost.</returns>
    public (long Saved, long Lost) CopyTo(BufferFile file)
    {
        long saved = 0, lost = 0;
        file.Begin();
        foreach (var lane in Enum.GetValues<Lane>())
        {
            var mark = Try(connection => connection.ReadNumber($"SELECT mark FROM lanes WHERE lane = {(int)lane}"));
            var next = Try(connection => connection.ReadNumber($"SELECT next FROM lanes WHERE lane = {(int)lane}"));
            var (savedHere, lostHere) = file.Restore(lane, mark, next, ReadRows(lane).Where(row => row.IsIntact), ReadLosses(lane));
            (saved, lost) = (saved + savedHere, lost + lostHere);
        }

        file.Commit();
        return (saved, lost);
    }

    public void Dispose() => _connection?.Dispose();

    private IEnumerable<BufferRow> ReadRows(Lane lane)
    {
        var after = RowId.Of(lane, 0);
        var end = Try(connection => connection.ReadNumber(
            $"SELECT max(id) FROM messages WHERE id BETWEEN {after} AND {RowId.Of(lane, Batch.MaxNumber)}"));
        if (end == 0)
        {
            end = RowId.Of(lane, Batch.MaxNumber); // the end of the tree cannot be read
        }

        var failures = 0;
        while (after < end && _connection is not null)
        {
            var rows = ReadSome(after, end, out var failed);
            var before = after;
            foreach (var row in rows.Where(row => RowId.Of(lane, row.Sequence) > after)) // a damaged tree may go back
            {
                yield return row;
                after = RowId.Of(lane, row.Sequence);
            }

            if (!failed && rows.Count == 0)
            {
                yield break;
            }

            failed |= after == before;
            failures = after == before ? failures + 1 : 0;
            if (failed)
            {
                after += failures <= SingleSteps ? 1 : 1L << Math.Min(failures - SingleSteps, 60);
                after = after < 0 ? long.MaxValue : after;
            }
        }
    }

    private List<BufferRow> ReadSome(long after, long end, out bool failed)
    {
        var rows = new List<BufferRow>();
        failed = false;
        try
        {
            using var command = _connection!.CreateCommand();
            command.CommandText =
                "SELECT id, time, expires, topic, payload, checksum FROM messages "
                + $"WHERE id > {after} AND id <= {end} ORDER BY id LIMIT 1000";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                rows.Add(BufferRow.Read(reader));
            }
        }
        catch (Exception e) when (BufferStorage.IsUnreadable(e))
        {
            failed = true;
        }

        return rows;
    }

    private List<Loss> ReadLosses(Lane lane)
    {
        var losses = new List<Loss>();
        try
        {
            using var command = _connection?.CreateCommand();
            if (command is null)
            {
                return losses;
            }

            command.CommandText = "SELECT id, count, reason FROM losses "
                + $"WHERE id BETWEEN {RowId.Of(lane, 0)} AND {RowId.Of(lane, Batch.MaxNumber)} ORDER BY id";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                losses.Add(new Loss(RowId.SequenceOf(reader.GetInt64(0)), reader.GetInt64(1), (LossReason)reader.GetInt64(2)));
            }
        }
        catch (Exception e) when (BufferStorage.IsUnreadable(e))
        {
            // What is not read becomes a loss by damage: the number stays right, and only the reason is another one.
        }

        return losses;
    }

    private long Try(Func<SqliteConnection, long> read)
    {
        try
        {
            return _connection is null ? 0 : read(_connection);
        }
        catch (Exception e) when (BufferStorage.IsUnreadable(e))
        {
            return 0;
        }
    }
}
