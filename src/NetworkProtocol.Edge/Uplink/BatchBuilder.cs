using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Uplink;

/// <summary>Makes the next batch of a lane from the buffer.</summary>
internal static class BatchBuilder
{
    /// <summary>
    /// Returns what follows the mark, or null if nothing does, and how many messages damage has taken. These become losses first: rows that
    /// are not intact, and numbers that neither a message nor a loss has.
    /// </summary>
    public static (Batch? Batch, long Damaged) Next(BufferFile file, Lane lane, string source, int maxMessages = Batch.MaxMessages)
    {
        var state = file.State[lane];
        var rows = file.MessagesAfter(lane, state.Mark, maxMessages, Batch.TargetBytes);
        var lastRead = rows.Count > 0 ? rows[^1].Sequence : (long?)null;
        var damaged = rows.Where(row => !row.IsIntact).ToList();
        damaged.ForEach(row => file.DropDamaged(lane, row));
        rows.RemoveAll(row => !row.IsIntact);
        var losses = file.LossesAfter(lane, state.Mark, Batch.MaxLosses);
        var end = EndOf(lastRead, losses, state.Next - 1);
        if (end <= state.Mark)
        {
            return (null, damaged.Count);
        }

        file.NoteSent(lane, end);
        var (batch, missing) = Assemble(file, lane, source, state.Mark + 1, end, rows, losses);
        return (batch, damaged.Count + missing);
    }

    // There may be more behind the last row that was read: it belongs to the next batch. Losses that follow that row directly travel with
    // it.
    private static long EndOf(long? lastRead, List<Loss> losses, long last)
    {
        var end = last;
        if (lastRead is { } sequence)
        {
            foreach (var loss in losses.Where(loss => loss.Last > lastRead))
            {
                if (loss.First > sequence + 1)
                {
                    break;
                }

                sequence = loss.Last;
            }

            end = Math.Min(end, sequence);
        }

        return losses.Count == Batch.MaxLosses ? Math.Min(end, losses[^1].Last) : end;
    }

    private static (Batch Batch, long Missing) Assemble(
        BufferFile file, Lane lane, string source, long first, long end, List<BufferRow> rows, List<Loss> losses)
    {
        var messages = new List<BatchMessage>(rows.Count);
        var told = new List<Loss>();
        var next = first;
        long missing = 0;
        var entries = rows.Select(row => (First: row.Sequence, Row: (BufferRow?)row, Loss: (Loss?)null))
            .Concat(losses.Select(loss => (loss.First, (BufferRow?)null, (Loss?)loss)))
            .Where(entry => entry.First <= end).OrderBy(entry => entry.First);
        foreach (var (sequence, row, loss) in entries)
        {
            Fill(sequence);
            if (row is not null)
            {
                messages.Add(new BatchMessage(row.Sequence, row.Time, row.Topic, row.Payload));
                next++;
            }
            else
            {
                told.Add(loss!);
                next += loss!.Count;
            }
        }

        Fill(end + 1);
        var behind = Math.Max(0, file.State[lane].Messages - messages.Count);
        return (new Batch(source, lane, file.Epoch, first, messages, told, behind), missing);

        void Fill(long to)
        {
            if (to > next)
            {
                file.NoteMissing(lane, next, to - next, LossReason.Damaged);
                told.Add(new Loss(next, to - next, LossReason.Damaged));
                missing += to - next;
                next = to;
            }
        }
    }
}
