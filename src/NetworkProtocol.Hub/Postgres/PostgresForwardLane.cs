using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>Where a lane stands in the sequence that the next hub knows.</summary>
/// <param name="Lane">The lane.</param>
/// <param name="Epoch">The epoch of its sequence numbers.</param>
/// <param name="IsFresh">Whether no hub has agreed to the epoch yet.</param>
/// <param name="Mark">The last number that the next hub has acknowledged.</param>
/// <param name="Checksum">The checksum of the message at the mark; null if it is unknown.</param>
/// <param name="Lost">How many numbers behind the mark are those of messages that the next hub has lost.</param>
/// <param name="Dropped">How many numbers behind those are of messages that were dropped here, because too many waited.</param>
/// <param name="Untold">How many messages were dropped since, which get numbers before the next batch.</param>
/// <param name="Pending">
/// The rows of the outbox that have the numbers behind those: the batch that is on its way. It stays as it is until it is acknowledged,
/// whichever nodes send it.
/// </param>
internal sealed record PostgresForwardLane(
    Lane Lane, long Epoch, bool IsFresh, long Mark, uint? Checksum, long Lost, long Dropped, long Untold, long[] Pending)
{
    /// <summary>The number behind the last one that was given.</summary>
    public long Next => FirstPending + Pending.Length;

    /// <summary>The number of the first pending row.</summary>
    public long FirstPending => Mark + Lost + Dropped + 1;

    /// <summary>The lane when all up to a new mark is acknowledged.</summary>
    public PostgresForwardLane Acknowledge(long mark, uint? checksum)
    {
        var lost = Math.Min(mark - Mark, Lost);
        var dropped = Math.Min(mark - Mark - lost, Dropped);
        return this with
        {
            Mark = mark,
            Checksum = checksum,
            Lost = Lost - lost,
            Dropped = Dropped - dropped,
            Pending = Pending[(int)(mark - Mark - lost - dropped)..],
        };
    }

    /// <summary>The lane with another batch on its way, which begins with what was dropped before it.</summary>
    public PostgresForwardLane Choose(long[] pending) => this with { Dropped = Dropped + Untold, Untold = 0, Pending = pending };

    /// <summary>Makes the batch that is on its way.</summary>
    /// <param name="source">The name of this hub at the next one.</param>
    /// <param name="found">The pending rows with their topics and payloads.</param>
    /// <param name="behind">How many messages wait behind it.</param>
    /// <returns>The batch, in which a row that somebody has deleted is a loss.</returns>
    public Batch ToBatch(string source, IReadOnlyDictionary<long, BatchMessage> found, long behind)
    {
        var messages = new List<BatchMessage>(Pending.Length);
        var losses = new List<Loss>();
        if (Lost > 0)
        {
            losses.Add(new Loss(Mark + 1, Lost, LossReason.HubRestored));
        }

        if (Dropped > 0)
        {
            losses.Add(new Loss(Mark + Lost + 1, Dropped, LossReason.Full));
        }

        for (var i = 0; i < Pending.Length; i++)
        {
            var sequence = FirstPending + i;
            if (found.TryGetValue(Pending[i], out var message))
            {
                messages.Add(message with { Sequence = sequence });
            }
            else if (losses.Count > 0 && losses[^1].Reason == LossReason.Damaged && losses[^1].Last == sequence - 1)
            {
                losses[^1] = losses[^1] with { Count = losses[^1].Count + 1 };
            }
            else
            {
                losses.Add(new Loss(sequence, 1, LossReason.Damaged));
            }
        }

        return new Batch(source, Lane, Epoch, Mark + 1, messages, losses, behind);
    }
}
