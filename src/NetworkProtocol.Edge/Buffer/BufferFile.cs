using Microsoft.Data.Sqlite;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>
/// The rows of the buffer: messages, losses and the state of each lane. One thread uses it, and begins and commits the transactions.
/// </summary>
internal sealed class BufferFile : IDisposable
{
    /// <summary>
    /// From so many rows on, a loss that follows another one joins it whatever its reason, so that there are never more losses than these
    /// and the messages between them.
    /// </summary>
    private const int MaxLossRows = 10_000;

    private readonly SqliteConnection _connection;
    private readonly Statement _insert;
    private readonly Statement _insertLoss;
    private readonly Statement _lossBefore;
    private readonly Statement _extendLoss;
    private readonly Statement _first;
    private readonly Statement _delete;
    private readonly Statement _sizeTo;
    private readonly Statement _deleteTo;
    private readonly Statement _lossesTo;
    private readonly Statement _deleteLosses;
    private readonly Statement _saveLane;
    private readonly Statement _messagesAfter;
    private readonly Statement _lossesAfter;
    private readonly Statement _expired;
    private readonly Statement _checksum;
    private readonly HashSet<Lane> _agreed = [];
    private readonly LaneRow[] _lanes;
    private int _changes;

    public BufferFile(SqliteConnection connection)
    {
        _connection = connection;
        _insert = new(connection, "INSERT INTO messages VALUES($0, $1, $2, $3, $4, $5)");
        _insertLoss = new(connection, "INSERT INTO losses VALUES($0, $1, $2)");
        _lossBefore = new(connection, "SELECT id, count, reason FROM losses WHERE id < $0 ORDER BY id DESC LIMIT 1");
        _extendLoss = new(connection, "UPDATE losses SET count = $1 WHERE id = $0");
        _first = new(connection, $"SELECT id, {Size}, time FROM messages WHERE id BETWEEN $0 AND $1 ORDER BY id LIMIT 1");
        _delete = new(connection, "DELETE FROM messages WHERE id = $0");
        _sizeTo = new(connection, $"SELECT count(*), coalesce(sum({Size}), 0) FROM messages WHERE id BETWEEN $0 AND $1");
        _deleteTo = new(connection, "DELETE FROM messages WHERE id BETWEEN $0 AND $1");
        _lossesTo = new(connection, "SELECT id, count, reason FROM losses WHERE id BETWEEN $0 AND $1");
        _deleteLosses = new(connection, "DELETE FROM losses WHERE id BETWEEN $0 AND $1");
        _saveLane = new(connection, "UPDATE lanes SET next = $1, mark = $2, checksum = $3 WHERE lane = $0");
        _messagesAfter = new(
            connection, "SELECT id, time, expires, topic, payload, checksum FROM messages WHERE id > $0 AND id <= $1 ORDER BY id LIMIT $2");
        _lossesAfter = new(connection, "SELECT id, count, reason FROM losses WHERE id > $0 AND id <= $1 ORDER BY id LIMIT $2");
        _expired = new(connection, $"SELECT id, {Size} FROM messages WHERE expires <= $0 ORDER BY expires LIMIT 1000");
        _checksum = new(connection, "SELECT checksum FROM messages WHERE id = $0");
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

    /// <summary>Whether the last transaction has written something.</summary>
    public bool HasWritten { get; private set; }

    /// <summary>How many messages of a lane there are, and their size.</summary>
    public (long Messages, long Bytes) SizeOf(Lane lane) => (_lanes[(int)lane].Messages, _lanes[(int)lane].Bytes);

    public long Messages => _lanes.Sum(lane => lane.Messages);

    public long Bytes => _lanes.Sum(lane => lane.Bytes);

    public BufferState State => new(Epoch, [.. _lanes.Select(lane => lane.ToState(OldestTimeOf(lane.Lane)))]);

    /// <summary>Begins a transaction. Until something is written it costs nothing.</summary>
    public void Begin() => _connection.Execute("BEGIN");

    /// <summary>Has the disk take everything since <see cref="Begin"/>.</summary>
    public void Commit()
    {
        _connection.Execute("COMMIT");
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

        Epoch = _connection.ReadNumber("SELECT epoch FROM epoch");
        IsFresh = _connection.ReadNumber("SELECT is_fresh FROM epoch") != 0;
        foreach (var lane in Enum.GetValues<Lane>())
        {
            _lanes[(int)lane] = ReadLane(lane);
        }
    }

    /// <summary>Adds a message and returns its sequence number.</summary>
    public long Add(BufferedMessage message)
    {
        var lane = _lanes[(int)message.Lane];
        var sequence = lane.Next;
        var checksum = MessageChecksum.Compute(
            sequence, message.Time, System.Text.Encoding.UTF8.GetBytes(message.Topic), message.Payload.Span);
        _insert.Run(RowId.Of(message.Lane, sequence), message.Time, message.Expires, message.Topic, message.Payload, (long)checksum);
        lane.Next++;
        lane.Messages++;
        lane.Bytes += message.Bytes;
        Save(lane);
        return sequence;
    }

    /// <summary>Drops the oldest message of a lane and notes its loss; false if the lane has none.</summary>
    public bool DropFirst(Lane lane, LossReason reason)
    {
        using var row = _first.Read(RowId.Of(lane, 0), RowId.Of(lane, Batch.MaxNumber));
        if (!row.Read())
        {
            return false;
        }

        var (id, bytes) = (row.GetInt64(0), row.GetInt64(1));
        row.Close();
        Drop(id, bytes, reason);
        return true;
    }

    /// <summary>Drops up to 1,000 messages whose time to live is over, and returns how many.</summary>
    public int DropExpired(long now)
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
        expired.ForEach(row => Drop(row.Id, row.Bytes, LossReason.Expired));
        return expired.Count;
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
        var (from, to) = (RowId.Of(lane, 0), RowId.Of(lane, sequence));
        using (var size = _sizeTo.Read(from, to))
        {
            size.Read();
            row.Messages -= size.GetInt64(0);
            row.Bytes -= size.GetInt64(1);
        }

        _deleteTo.Run(from, to);
        var first = row.Mark + 1;
        var losses = LossesAfter(lane, row.Mark, int.MaxValue).TakeWhile(loss => loss.First <= sequence).ToList();
        foreach (var loss in losses.Append(new Loss(sequence + 1, 1, reason)))
        {
            if (loss.First > first)
            {
                Note(RowId.Of(lane, first), loss.First - first, reason);
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

        var (from, to) = (RowId.Of(lane, 0), RowId.Of(lane, mark));
        using (var size = _sizeTo.Read(from, to))
        {
            size.Read();
            row.Messages -= size.GetInt64(0);
            row.Bytes -= size.GetInt64(1);
        }

        _deleteTo.Run(from, to);
        TrimLosses(lane, mark);
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
    public List<Loss> LossesAfter(Lane lane, long sequence, int count) =>
        ReadLosses(_lossesAfter.Read(RowId.Of(lane, sequence), RowId.Of(lane, Batch.MaxNumber), (long)count));

    /// <summary>Drops one message, of which only the number may be readable, and notes its loss.</summary>
    public void DropDamaged(Lane lane, BufferRow row) => Drop(
        RowId.Of(lane, row.Sequence),
        System.Text.Encoding.UTF8.GetByteCount(row.Topic) + row.Payload.Length + BufferedMessage.Overhead,
        LossReason.Damaged);

    /// <summary>Notes messages that are neither in the file nor noted as lost.</summary>
    public void NoteMissing(Lane lane, long first, long count, LossReason reason) => Note(RowId.Of(lane, first), count, reason);

    /// <summary>
    /// Fills a new file with a lane of a damaged one. The numbers that neither a message nor a loss has are losses by damage.
    /// </summary>
    /// <param name="lane">The lane.</param>
    /// <param name="mark">The mark as it was read, which damage may have changed.</param>
    /// <param name="next">The next number as it was read, which damage may have changed.</param>
    /// <param name="rows">The messages by number.</param>
    /// <param name="losses">The losses by number.</param>
    /// <returns>How many messages were added, and how many are lost by damage.</returns>
    public (long Saved, long Lost) Restore(Lane lane, long mark, long next, IEnumerable<BufferRow> rows, IEnumerable<Loss> losses)
    {
        LaneRow? state = null;
        long saved = 0, lost = 0;
        foreach (var (row, loss) in RestoredEntry.Merge(rows, losses))
        {
            var first = row?.Sequence ?? loss!.First;
            state ??= Begin(first); // what is there was not acknowledged: a mark behind it is wrong
            if (first < state.Next)
            {
                continue; // damage has made two rows claim one number
            }

            lost += FillTo(state, first);
            if (row is not null)
            {
                _insert.Run(RowId.Of(lane, first), row.Time, row.Expires, row.Topic, row.Payload, (long)row.Checksum);
                state.Next++;
                saved++;
            }
            else
            {
                Note(RowId.Of(lane, first), loss!.Count, loss.Reason);
                state.Next += loss.Count;
            }
        }

        state ??= Begin(Batch.MaxNumber);
        lost += next <= Batch.MaxNumber ? FillTo(state, next) : 0;
        Save(state);
        _lanes[(int)lane] = ReadLane(lane);
        return (saved, lost);

        LaneRow Begin(long first)
        {
            var row = _lanes[(int)lane];
            row.Mark = mark >= 0 && mark < first ? mark : first - 1;
            row.Next = row.Mark + 1;
            return row;
        }
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
        Note(RowId.Of(lane, mark + 1), lost, LossReason.HubRestored);
        row.Mark = mark;
        row.Checksum = null;
        Save(row);
        return lost;
    }

    /// <summary>The checksum of a message; null if it is not in the file.</summary>
    public uint? ChecksumOf(Lane lane, long sequence)
    {
        using var row = _checksum.Read(RowId.Of(lane, sequence));
        return row.Read() ? (uint)row.GetInt64(0) : null;
    }

    public void Dispose()
    {
        Statement[] statements =
        [
            _insert, _insertLoss, _lossBefore, _extendLoss, _first, _delete, _sizeTo, _deleteTo, _lossesTo, _deleteLosses, _saveLane,
            _messagesAfter, _lossesAfter, _expired, _checksum,
        ];
        Array.ForEach(statements, statement => statement.Dispose());
        _connection.Dispose();
    }

    private void Drop(long id, long bytes, LossReason reason)
    {
        _delete.Run(id);
        var lane = _lanes[(int)RowId.LaneOf(id)];
        lane.Messages--;
        lane.Bytes -= bytes;
        Note(id, 1, reason);
    }

    // Losses that follow each other are one row: a full buffer drops millions of messages.
    private void Note(long id, long count, LossReason reason)
    {
        var lane = _lanes[(int)RowId.LaneOf(id)];
        using var before = _lossBefore.Read(id);
        if (before.Read() && before.GetInt64(0) + before.GetInt64(1) == id
            && (before.GetInt64(2) == (long)reason || lane.Losses >= MaxLossRows))
        {
            var (first, already) = (before.GetInt64(0), before.GetInt64(1));
            before.Close();
            _extendLoss.Run(first, already + count);
            return;
        }

        before.Close();
        _insertLoss.Run(id, count, (long)reason);
        lane.Losses++;
    }

    // The rest of a loss that the mark covers only in part stays.
    private void TrimLosses(Lane lane, long mark)
    {
        var covered = ReadLosses(_lossesTo.Read(RowId.Of(lane, 0), RowId.Of(lane, mark)));
        _deleteLosses.Run(RowId.Of(lane, 0), RowId.Of(lane, mark));
        foreach (var loss in covered.Where(loss => loss.Last > mark))
        {
            _insertLoss.Run(RowId.Of(lane, mark + 1), loss.Last - mark, (long)loss.Reason);
        }

        _lanes[(int)lane].Losses -= covered.Count(loss => loss.Last <= mark);
    }

    private static List<Loss> ReadLosses(SqliteDataReader reader)
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
        row.Losses = _connection.ReadNumber(
            $"SELECT count(*) FROM losses WHERE id BETWEEN {RowId.Of(lane, 0)} AND {RowId.Of(lane, Batch.MaxNumber)}");
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
        return lane.Mark < 0 || lane.Mark >= RowId.SequenceOf(first) ? $"the mark {lane.Mark} is behind the first message"
            : lane.Next <= RowId.SequenceOf(last) || lane.Next <= lane.Mark || lane.Next > Batch.MaxNumber
            ? $"the next number {lane.Next} was given before"
            : null;
    }

    private long FillTo(LaneRow lane, long next)
    {
        var missing = Math.Max(0, next - lane.Next);
        if (missing > 0)
        {
            Note(RowId.Of(lane.Lane, lane.Next), missing, LossReason.Damaged);
            lane.Next = next;
        }

        return missing;
    }

    private long? OldestTimeOf(Lane lane)
    {
        using var row = _first.Read(RowId.Of(lane, 0), RowId.Of(lane, Batch.MaxNumber));
        return row.Read() ? row.GetInt64(2) : null;
    }

    private void Save(LaneRow lane) => _saveLane.Run((long)lane.Lane, lane.Next, lane.Mark, (long?)lane.Checksum);

    private sealed class LaneRow(Lane lane)
    {
        public Lane Lane => lane;

        public long Next { get; set; }

        public long Mark { get; set; }

        public uint? Checksum { get; set; }

        public long Messages { get; set; }

        public long Bytes { get; set; }

        public long Losses { get; set; }

        public LaneState ToState(long? oldestTime) => new(lane, Next, Mark, Checksum, Messages, Bytes, oldestTime);
    }
}
