using System.Text;
using Microsoft.Data.Sqlite;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>
/// The rows of the buffer: messages, losses and the state of each lane. One thread uses it, and begins and commits the transactions.
/// Between the mark of a lane and its next number, each number is that of a message or of a loss.
/// </summary>
internal sealed class BufferFile : IDisposable
{
    /// <summary>
    /// The free pages that a file keeps in reserve: as many as the largest transaction needs. Pages that a transaction adds are in the log
    /// until there is room for them in the file, and without the reserve a full disk would leave them there for ever.
    /// </summary>
    public const int ReservePages = 224;

    /// <summary>16 MiB.</summary>
    private const long MaxGrowth = 4096;

    private readonly SqliteConnection _connection;
    private readonly Statement _insert;
    private readonly Statement _restore;
    private readonly Statement _first;
    private readonly Statement _delete;
    private readonly Statement _sizeTo;
    private readonly Statement _deleteTo;
    private readonly Statement _saveLane;
    private readonly Statement _messagesAfter;
    private readonly Statement _numbers;
    private readonly Statement _expired;
    private readonly Statement _checksum;
    private readonly LossTable _losses;
    private readonly PositionTable _position;
    private readonly HashSet<Lane> _agreed = [];
    private readonly LaneRow[] _lanes;
    private int _changes;
    private long _lostByHub;

    public BufferFile(SqliteConnection connection)
    {
        _connection = connection;
        _insert = new(connection, "INSERT INTO messages VALUES($0, $1, $2, $3, $4, $5)");
        _restore = new(connection, "INSERT OR IGNORE INTO messages VALUES($0, $1, $2, $3, $4, $5)");
        _first = new(connection, $"SELECT id, {Size}, time FROM messages WHERE id BETWEEN $0 AND $1 ORDER BY id LIMIT 1");
        _delete = new(connection, "DELETE FROM messages WHERE id = $0");
        _sizeTo = new(connection, $"SELECT count(*), coalesce(sum({Size}), 0) FROM messages WHERE id BETWEEN $0 AND $1");
        _deleteTo = new(connection, "DELETE FROM messages WHERE id BETWEEN $0 AND $1");
        _saveLane = new(connection, "UPDATE lanes SET next = $1, mark = $2, checksum = $3 WHERE lane = $0");
        _messagesAfter = new(
            connection, "SELECT id, time, expires, topic, payload, checksum FROM messages WHERE id > $0 AND id <= $1 ORDER BY id LIMIT $2");
        _numbers = new(connection, "SELECT id FROM messages WHERE id BETWEEN $0 AND $1 ORDER BY id");
        // No message ends at 0. One flipped bit makes a 0 of "never", and the checksum of a row does not cover it.
        _expired = new(connection, $"SELECT id, {Size} FROM messages WHERE expires > 0 AND expires <= $0 ORDER BY expires LIMIT 1000");
        _checksum = new(connection, "SELECT checksum FROM messages WHERE id = $0");
        _losses = new LossTable(connection);
        _position = new PositionTable(connection);
        Epoch = connection.ReadNumber("SELECT epoch FROM epoch");
        IsFresh = connection.ReadNumber("SELECT is_fresh FROM epoch") != 0;
        _lanes = [.. Enum.GetValues<Lane>().Select(ReadLane)];
    }

    private static string Size => $"length(CAST(topic AS BLOB)) + length(payload) + {BufferedMessage.Overhead}";

    public long Epoch { get; private set; }

    /// <summary>Whether no hub has agreed to the epoch yet, so that the file cannot be an older copy of one that was in use.</summary>
    public bool IsFresh { get; private set; }

    /// <summary>What in the file cannot be true, because damage has changed a number; null if nothing is found.</summary>
    public string? Contradiction => Epoch is < 1 or > Batch.MaxNumber ? $"the epoch is {Epoch}"
        : _lanes.Select(ContradictionOf).FirstOrDefault(found => found is not null);

    /// <summary>
    /// What the file lacks of the numbers that were noted beside it; null if it lacks nothing. The numbers go on in a new epoch.
    /// </summary>
    public string? FindMissing(BufferState? noted) => noted?.Lanes
        .Where(lane => lane.Next > _lanes[(int)lane.Lane].Next || lane.Mark > _lanes[(int)lane.Lane].Mark)
        .Select(lane => $"the end of the log is missing: the next number of the lane {lane.Lane} was {lane.Next}, and the mark {lane.Mark}")
        .FirstOrDefault();

    /// <summary>Whether the last transaction has written something.</summary>
    public bool HasWritten { get; private set; }

    /// <summary>How many messages of a lane there are, and their size.</summary>
    public (long Messages, long Bytes) SizeOf(Lane lane) => (_lanes[(int)lane].Messages, _lanes[(int)lane].Bytes);

    /// <summary>
    /// How far the messages of a lane go in the place that they come from; null if nobody has noted it, or damage has taken it.
    /// </summary>
    public long? PositionOf(Lane lane) => _position.Read(lane);

    public long Messages => _lanes.Sum(lane => lane.Messages);

    public long Bytes => _lanes.Sum(lane => lane.Bytes);

    /// <summary>The pages of the file that hold nothing at the moment. The file never shrinks.</summary>
    public long FreePages => _connection.ReadNumber("PRAGMA freelist_count");

    public BufferState State => new(Epoch, [.. _lanes.Select(lane => lane.ToState(OldestTimeOf(lane.Lane)))]);

    /// <summary>The pages by which the file should grow: a part of its size, so that it grows seldom.</summary>
    public long Growth => Math.Clamp(_connection.ReadNumber("PRAGMA page_count") / 4, ReservePages, MaxGrowth);

    /// <summary>
    /// Takes room on the disk, for the file and for its log, by writing pages and freeing them, in parts so that the log stays small. It
    /// must not be called within a transaction.
    /// </summary>
    /// <param name="pages">How many pages are free afterwards, at least.</param>
    /// <exception cref="SqliteException">The disk is full, or fails. <see cref="DropReserve"/> frees what was taken.</exception>
    public void TakeReserve(long pages)
    {
        DropReserve();
        _connection.Execute("CREATE TABLE reserve(pages BLOB)");
        for (var taken = 0L; taken < pages; taken += ReservePages)
        {
            _connection.Execute($"""
                INSERT INTO reserve VALUES(zeroblob({ReservePages * Connections.PageSize}));
                PRAGMA wal_checkpoint(PASSIVE);
                """);
        }

        DropReserve();
    }

    /// <summary>Frees what <see cref="TakeReserve"/> has taken before it failed.</summary>
    public void DropReserve() => _connection.Execute("DROP TABLE IF EXISTS reserve");

    /// <summary>Moves everything from the log into the file.</summary>
    /// <exception cref="SqliteException">The disk is full, or fails.</exception>
    public void EmptyLog()
    {
        if (_connection.ReadNumber("PRAGMA wal_checkpoint(TRUNCATE)") != 0)
        {
            throw new SqliteException("the log is in use", SQLitePCL.raw.SQLITE_BUSY);
        }
    }

    /// <summary>The messages that the transaction has dropped because the buffer is full or their time is over.</summary>
    public DropTally Dropped { get; } = new();

    /// <summary>Begins a transaction. Until something is written it costs nothing.</summary>
    public void Begin()
    {
        Dropped.Clear();
        Array.ForEach(_lanes, lane => lane.SentBefore = lane.Sent);
        _connection.Execute("BEGIN");
    }

    /// <summary>Has the disk take everything since <see cref="Begin"/>.</summary>
    public void Commit()
    {
        _connection.Execute("COMMIT");
        Array.ForEach(_lanes, lane => lane.SentBefore = lane.Sent); // a rollback may come outside a transaction, too
        var changes = SQLitePCL.raw.sqlite3_total_changes(_connection.Handle);
        HasWritten = changes != _changes;
        _changes = changes;
    }

    /// <summary>Takes everything since <see cref="Begin"/> back, also what this object remembers.</summary>
    public void Rollback()
    {
        if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0) // SQLite may have ended the transaction itself
        {
            _connection.Execute("ROLLBACK");
        }

        _lostByHub = 0;
        Epoch = _connection.ReadNumber("SELECT epoch FROM epoch");
        IsFresh = _connection.ReadNumber("SELECT is_fresh FROM epoch") != 0;
        _losses.Reload();
        _position.Reload();
        foreach (var lane in Enum.GetValues<Lane>())
        {
            var sent = _lanes[(int)lane].SentBefore;
            _lanes[(int)lane] = ReadLane(lane);
            _lanes[(int)lane].Sent = sent;
        }
    }

    /// <summary>Adds a message and returns its sequence number.</summary>
    public long Add(BufferedMessage message)
    {
        var lane = _lanes[(int)message.Lane];
        var sequence = lane.Next;
        var checksum = MessageChecksum.Compute(sequence, message.Time, Encoding.UTF8.GetBytes(message.Topic), message.Payload.Span);
        _insert.Run(RowId.Of(message.Lane, sequence), message.Time, message.Expires, message.Topic, message.Payload, (long)checksum);
        lane.Next++;
        lane.Messages++;
        lane.Bytes += message.Bytes;
        Save(lane);
        return sequence;
    }

    /// <summary>Notes how far the messages of a lane go in the place that they come from.</summary>
    public void MoveTo(Lane lane, long position) => _position.Write(lane, position);

    /// <summary>Notes that messages up to a number go to the hub, so that they are in doubt until it has answered.</summary>
    public void NoteSent(Lane lane, long last) => _lanes[(int)lane].Sent = last;

    /// <summary>Ends the doubt: what the mark does not cover now, the hub does not have.</summary>
    /// <returns>Whether the hub has all messages that were in doubt.</returns>
    public bool EndDoubt(Lane lane)
    {
        var row = _lanes[(int)lane];
        var isStored = row.Sent > 0 && row.Sent <= row.Mark;
        row.Sent = 0;
        return isStored;
    }

    /// <summary>Drops the oldest message of a lane because the buffer is full, and notes its loss; false if the lane has none.</summary>
    public bool DropFirst(Lane lane)
    {
        using var row = _first.Read(RowId.Of(lane, 0), RowId.Of(lane, Batch.MaxNumber));
        if (!row.Read())
        {
            return false;
        }

        var (id, bytes) = (row.GetInt64(0), row.GetInt64(1));
        row.Close();
        Drop(id, bytes, LossReason.Full);
        Dropped.Add(lane, Buffer.Drop.Full, IsInDoubt(id));
        return true;
    }

    /// <summary>Drops up to 1,000 messages whose time to live is over.</summary>
    public void DropExpired(long now)
    {
        var expired = new List<(long Id, long Bytes)>();
        using (var rows = _expired.Read(now))
        {
            while (rows.Read())
            {
                expired.Add((rows.GetInt64(0), rows.GetInt64(1)));
            }
        }

        expired.Sort();
        foreach (var (id, bytes) in expired)
        {
            Drop(id, bytes, LossReason.Expired);
            Dropped.Add(RowId.LaneOf(id), Buffer.Drop.Expired, IsInDoubt(id));
        }
    }

    /// <summary>How many messages a lane has up to a sequence number.</summary>
    public long MessagesTo(Lane lane, long sequence)
    {
        using var size = _sizeTo.Read(RowId.Of(lane, 0), RowId.Of(lane, sequence));
        size.Read();
        return size.GetInt64(0);
    }

    /// <summary>Drops all messages of a lane up to a sequence number below the next one, and notes their losses.</summary>
    public void DropTo(Lane lane, long sequence, LossReason reason)
    {
        var row = _lanes[(int)lane];
        DeleteTo(row, sequence);
        var first = row.Mark + 1;
        var losses = LossesAfter(lane, row.Mark, int.MaxValue).TakeWhile(loss => loss.First <= sequence).ToList();
        foreach (var loss in losses.Append(new Loss(sequence + 1, 1, reason)))
        {
            if (loss.First > first)
            {
                _losses.Note(lane, first, loss.First - first, reason);
            }

            first = loss.Last + 1;
        }
    }

    /// <summary>Notes that the hub has stored all up to the mark, and deletes it.</summary>
    /// <returns>How many messages were deleted.</returns>
    public long Acknowledge(Lane lane, long mark, uint? checksum)
    {
        var row = _lanes[(int)lane];
        var before = row.Messages;
        if (mark <= row.Mark || mark >= row.Next)
        {
            return 0; // the hub cannot have what this buffer never gave it
        }

        DeleteTo(row, mark);
        _losses.DeleteTo(lane, mark);
        row.Mark = mark;
        row.Checksum = checksum;
        Save(row);
        return before - row.Messages;
    }

    /// <summary>Reads the messages behind a sequence number, up to a number and a size; at least one, if there is one.</summary>
    public List<BufferRow> MessagesAfter(Lane lane, long sequence, int count, int bytes)
    {
        var rows = new List<BufferRow>();
        var room = bytes;
        using var reader = _messagesAfter.Read(RowId.Of(lane, sequence), RowId.Of(lane, Batch.MaxNumber), (long)count);
        while (room > 0 && reader.Read())
        {
            var row = BufferRow.Read(reader);
            room -= row.Topic.Length + row.Payload.Length;
            if (room >= 0 || rows.Count == 0)
            {
                rows.Add(row);
            }
        }

        return rows;
    }

    /// <summary>Reads the losses behind a sequence number.</summary>
    public List<Loss> LossesAfter(Lane lane, long sequence, int count) => _losses.After(lane, sequence, count);

    /// <summary>Drops one message, of which only the number may be readable, and notes its loss.</summary>
    public void DropDamaged(Lane lane, BufferRow row) => Drop(
        RowId.Of(lane, row.Sequence),
        Encoding.UTF8.GetByteCount(row.Topic) + row.Payload.Length + BufferedMessage.Overhead,
        LossReason.Damaged);

    /// <summary>Notes messages that are neither in the file nor noted as lost.</summary>
    public void NoteMissing(Lane lane, long first, long count, LossReason reason) => _losses.Note(lane, first, count, reason);

    /// <summary>Notes that messages are lost that would come next.</summary>
    public void AddLoss(Lane lane, long count, LossReason reason)
    {
        var row = _lanes[(int)lane];
        _losses.Note(lane, row.Next, count, reason);
        row.Next += count;
        Save(row);
    }

    /// <summary>Adds a message that was found in a damaged file; false if the file has it already.</summary>
    public bool Restore(Lane lane, BufferRow row) =>
        _restore.Run(RowId.Of(lane, row.Sequence), row.Time, row.Expires, row.Topic, row.Payload, (long)row.Checksum) > 0;

    /// <summary>The sequence numbers of a lane's messages, in their order.</summary>
    public IEnumerable<long> NumbersOf(Lane lane)
    {
        using var reader = _numbers.Read(RowId.Of(lane, 0), RowId.Of(lane, Batch.MaxNumber));
        while (reader.Read())
        {
            yield return RowId.SequenceOf(reader.GetInt64(0));
        }
    }

    /// <summary>Sets the numbers of a lane, whose messages and losses were restored.</summary>
    public void SetNumbers(Lane lane, long mark, long next)
    {
        var row = ReadLane(lane);
        (row.Mark, row.Next) = (mark, next);
        Save(row);
        _lanes[(int)lane] = row;
    }

    /// <summary>Begins a new epoch. The sequence numbers go on.</summary>
    public void BeginEpoch(long epoch)
    {
        _connection.Execute($"UPDATE epoch SET epoch = {epoch}");
        Epoch = epoch;
    }

    /// <summary>Notes that a hub has agreed to the epoch of a lane. When it has to all lanes, the file is not fresh any more.</summary>
    /// <returns>Whether the file is fresh.</returns>
    public bool NoteAgreed(Lane lane)
    {
        _agreed.Add(lane);
        if (IsFresh && _agreed.Count == _lanes.Length)
        {
            _connection.Execute("UPDATE epoch SET is_fresh = 0");
            IsFresh = false;
        }

        return IsFresh;
    }

    /// <summary>
    /// Moves the mark back to the hub's, because an older copy of the hub's store was restored. What lies between is gone here, and is a
    /// loss.
    /// </summary>
    /// <returns>How many messages are lost.</returns>
    public long MoveMarkBack(Lane lane, long mark)
    {
        var row = _lanes[(int)lane];
        var lost = row.Mark - mark;
        _losses.Note(lane, mark + 1, lost, LossReason.HubRestored);
        _lostByHub += lost;
        row.Mark = mark;
        row.Checksum = null;
        Save(row);
        return lost;
    }

    /// <summary>How many messages the hub has lost since this was last asked, to be counted after the commit.</summary>
    public long TakeLostByHub()
    {
        var lost = _lostByHub;
        _lostByHub = 0;
        return lost;
    }

    /// <summary>The checksum of a message; null if it is not in the file.</summary>
    public uint? ChecksumOf(Lane lane, long sequence)
    {
        using var row = _checksum.Read(RowId.Of(lane, sequence));
        return row.Read() ? (uint)row.GetInt64(0) : null;
    }

    /// <summary>Copies everything to another database, in one transaction.</summary>
    public void CopyTo(SqliteConnection destination) => _connection.BackupDatabase(destination);

    /// <summary>Closes a damaged file, and leaves its log as it is: the log may have what the database lacks.</summary>
    public void Abandon()
    {
        Connections.KeepLog(_connection);
        Dispose();
    }

    public void Dispose()
    {
        Statement[] statements =
        [
            _insert, _restore, _first, _delete, _sizeTo, _deleteTo, _saveLane, _messagesAfter, _numbers, _expired, _checksum,
        ];
        Array.ForEach(statements, statement => statement.Dispose());
        _losses.Dispose();
        _position.Dispose();
        _connection.Dispose();
    }

    private void DeleteTo(LaneRow lane, long sequence)
    {
        var (from, to) = (RowId.Of(lane.Lane, 0), RowId.Of(lane.Lane, sequence));
        using (var size = _sizeTo.Read(from, to))
        {
            size.Read();
            lane.Messages -= size.GetInt64(0);
            lane.Bytes -= size.GetInt64(1);
        }

        _deleteTo.Run(from, to);
    }

    private void Drop(long id, long bytes, LossReason reason)
    {
        _delete.Run(id);
        var lane = _lanes[(int)RowId.LaneOf(id)];
        lane.Messages--;
        lane.Bytes -= bytes;
        _losses.Note(lane.Lane, RowId.SequenceOf(id), 1, reason);
    }

    private bool IsInDoubt(long id) => RowId.SequenceOf(id) <= _lanes[(int)RowId.LaneOf(id)].Sent;

    private LaneRow ReadLane(Lane lane)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = $"SELECT next, mark, checksum FROM lanes WHERE lane = {(int)lane}";
        using var reader = command.ExecuteReader();
        reader.Read();
        var row = new LaneRow(lane)
        {
            Next = reader.GetInt64(0),
            Mark = reader.GetInt64(1),
            Checksum = reader.IsDBNull(2) ? null : (uint)reader.GetInt64(2),
        };
        using var size = _sizeTo.Read(RowId.Of(lane, 0), RowId.Of(lane, Batch.MaxNumber));
        size.Read();
        (row.Messages, row.Bytes) = (size.GetInt64(0), size.GetInt64(1));
        return row;
    }

    private string? ContradictionOf(LaneRow lane)
    {
        var (from, to) = (RowId.Of(lane.Lane, 0), RowId.Of(lane.Lane, Batch.MaxNumber));
        var first = _connection.ReadNumber(
            $"SELECT min(coalesce((SELECT min(id) FROM messages WHERE id BETWEEN {from} AND {to}), {to}), "
            + $"coalesce((SELECT min(id) FROM losses WHERE id BETWEEN {from} AND {to}), {to}))");
        var last = _connection.ReadNumber(
            $"SELECT max(coalesce((SELECT max(id) FROM messages WHERE id BETWEEN {from} AND {to}), {from}), "
            + $"coalesce((SELECT max(id + count - 1) FROM losses WHERE id BETWEEN {from} AND {to}), {from}))");
        var (expectedMark, expectedNext) = first == to
            ? (lane.Next - 1, lane.Mark + 1)
            : (RowId.SequenceOf(first) - 1, RowId.SequenceOf(last) + 1);
        return lane.Mark is < 0 or > Batch.MaxNumber || lane.Mark != expectedMark
            ? $"the mark of the lane {lane.Lane} is {lane.Mark}, and the first number behind it {expectedMark + 1}"
            : lane.Next != expectedNext
            ? $"the next number of the lane {lane.Lane} is {lane.Next}, and the last one that was given {expectedNext - 1}"
            : null;
    }

    private long? OldestTimeOf(Lane lane)
    {
        using var row = _first.Read(RowId.Of(lane, 0), RowId.Of(lane, Batch.MaxNumber));
        return row.Read() ? row.GetInt64(2) : null;
    }

    private void Save(LaneRow lane) => _saveLane.Run((long)lane.Lane, lane.Next, lane.Mark, (long?)lane.Checksum);
}
