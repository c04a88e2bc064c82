using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Uplink;

/// <summary>Makes the next batch of a lane from the buffer.</summary>
internal static class BatchBuilder
{
    /// <summary>Returns what follows the mark, or null if nothing does. A row that is not intact becomes a loss first.</summary>
    public static Batch? Next(BufferFile file, Lane lane, string source, EdgeMetrics metrics)
    {
        var state = file.State[lane];
        var rows = file.MessagesAfter(lane, state.Mark, Batch.MaxMessages, Batch.TargetBytes);
        if (rows.Find(row => !row.IsIntact) is not null)
        {
            var damaged = rows.Where(row => !row.IsIntact).ToList();
            damaged.ForEach(row => file.DropDamaged(lane, row));
            metrics.Dropped(Drop.Damaged, damaged.Count);
            rows.RemoveAll(row => !row.IsIntact);
        }

        var losses = file.LossesAfter(lane, state.Mark, Batch.MaxLosses);
        var end = EndOf(rows, losses, state.Next - 1);
        return end <= state.Mark ? null : Assemble(file, lane, source, state.Mark + 1, end, rows, losses);
    }

    // What lies behind the last row that was read, when there may be more, belongs to the next batch.
    private static long EndOf(List<BufferRow> rows, List<Loss> losses, long last)
    {
        var end = last;
        if (rows.Count > 0)
        {
            var lossBehind = losses.Where(loss => loss.Last > rows[^1].Sequence).Select(loss => loss.Last).DefaultIfEmpty(0).Max();
            end = Math.Min(end, Math.Max(rows[^1].Sequence, Contiguous(rows[^1].Sequence, losses, lossBehind)));
        }

        return losses.Count == Batch.MaxLosses ? Math.Min(end, losses[^1].Last) : end;
    }

    // Losses that follow the last row directly travel with it.
    private static long Contiguous(long sequence, List<Loss> losses, long max)
    {
        foreach (var loss in losses.Where(loss => loss.Last > sequence && loss.Last <= max))
        {
            if (loss.First != sequence + 1)
            {
                break;
            }

            sequence = loss.Last;
        }

        return sequence;
    }

    // A number that neither a message nor a loss has is a message that damage has taken, and is noted as such.
    private static Batch Assemble(
        BufferFile file, Lane lane, string source, long first, long end, List<BufferRow> rows, List<Loss> losses)
    {
        var messages = new List<BatchMessage>(rows.Count);
        var told = new List<Loss>();
        var next = first;
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
        return new Batch(source, lane, file.Epoch, first, messages, told);

        void Fill(long to)
        {
            if (to > next)
            {
                file.NoteMissing(lane, next, to - next, LossReason.Damaged);
                told.Add(new Loss(next, to - next, LossReason.Damaged));
                next = to;
            }
        }
    }
}
