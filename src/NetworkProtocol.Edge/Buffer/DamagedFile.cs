using Microsoft.Data.Sqlite;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>Reads what can be read of a damaged buffer, and changes nothing of it.</summary>
internal sealed class DamagedFile : IDisposable
{
    private readonly PageScanner _pages;
    private readonly SqliteConnection? _connection;
    private readonly BufferState? _noted;

    /// <param name="path">The file.</param>
    /// <param name="noted">The numbers that were noted beside it.</param>
    public DamagedFile(string path, BufferState? noted)
    {
        _noted = noted;
        _pages = new PageScanner(path);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            Connections.KeepLog(connection);
            _connection = connection;
        }
        catch (SqliteException)
        {
            connection.Dispose(); // not even the header can be read
        }
    }

    /// <summary>The epoch; 0 if it cannot be read.</summary>
    public long ReadEpoch() => Math.Max(Try("SELECT max(epoch) FROM epoch") ?? 0, _noted?.Epoch ?? 0);

    /// <summary>Copies messages, losses and lanes to a new file, and notes as lost what lies between them.</summary>
    /// <returns>How many messages were copied, and how many are known to be lost.</returns>
    public (long Saved, long Lost) CopyTo(BufferFile file) =>
        Restoration.Fill(file, _pages.Find(), [.. Enum.GetValues<Lane>().Select(ReadNumbers)]);

    public void Dispose()
    {
        _connection?.Dispose();
        _pages.Dispose();
    }

    private KnownNumbers ReadNumbers(Lane lane)
    {
        var range = $"BETWEEN {RowId.Of(lane, 0)} AND {RowId.Of(lane, Batch.MaxNumber)}";
        var losses = ReadLosses(range);
        var next = Try($"SELECT next FROM lanes WHERE lane = {(int)lane}");
        return new KnownNumbers(
            ChooseMark(ReadFirst(range, losses) - 1, Try($"SELECT mark FROM lanes WHERE lane = {(int)lane}"), _noted?[lane].Mark),
            _noted?[lane].Next ?? next ?? 0,
            losses);
    }

    private long? ReadFirst(string range, List<Loss> losses)
    {
        var first = Try($"SELECT min(id) FROM messages WHERE id {range}") is { } id ? RowId.SequenceOf(id) : (long?)null;
        return losses.Count > 0 && !(first < losses[0].First) ? losses[0].First : first;
    }

    /// <summary>
    /// Chooses the true one of three: what lies before the first row, what the lane says, and what was noted. A flipped bit makes one of
    /// them wrong. The note is ahead of both others when the end of the log is damaged, and behind them after a power cut.
    /// </summary>
    private static long ChooseMark(long? before, long? said, long? noted) =>
        said is { } mark && mark == noted ? mark
        : before is { } first && first == said ? Math.Max(first, noted ?? 0)
        : noted ?? before ?? said ?? 0;

    private List<Loss> ReadLosses(string range)
    {
        var losses = new List<Loss>();
        try
        {
            using var command = _connection?.CreateCommand();
            if (command is null)
            {
                return losses;
            }

            command.CommandText = $"SELECT id, count, reason FROM losses WHERE id {range} ORDER BY id";
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

    /// <summary>Reads a number that a sequence or an epoch can have; null if there is none.</summary>
    private long? Try(string sql)
    {
        try
        {
            return _connection?.ReadNumber(sql) is { } number and >= 0 ? number : null;
        }
        catch (Exception e) when (BufferStorage.IsUnreadable(e))
        {
            return null;
        }
    }
}
