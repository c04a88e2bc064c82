using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>What is known of the numbers of a lane of a damaged buffer.</summary>
/// <param name="Mark">The last number that the hub has acknowledged.</param>
/// <param name="Next">The next number at least.</param>
/// <param name="Losses">The losses that could be read, by number.</param>
internal sealed record KnownNumbers(long Mark, long Next, IReadOnlyList<Loss> Losses);

/// <summary>Fills a new file with what was found of a damaged one.</summary>
internal static class Restoration
{
    /// <param name="file">The new file.</param>
    /// <param name="rows">The intact messages, in any order; some may be there more than once, or acknowledged long ago.</param>
    /// <param name="numbers">What is known of the numbers, by lane.</param>
    /// <returns>How many messages were added, and how many are lost by damage.</returns>
    public static (long Saved, long Lost) Fill(
        BufferFile file, IEnumerable<(Lane Lane, BufferRow Row)> rows, IReadOnlyList<KnownNumbers> numbers)
    {
        long saved = 0, lost = 0;
        file.Begin();
        foreach (var (lane, row) in rows.Where(found => found.Row.Sequence > numbers[(int)found.Lane].Mark))
        {
            saved += file.Restore(lane, row) ? 1 : 0;
        }

        foreach (var lane in Enum.GetValues<Lane>())
        {
            lost += CloseGaps(file, lane, numbers[(int)lane]);
        }

        file.Commit();
        return (saved, lost);
    }

    /// <summary>Notes each number that no message has as a loss, by damage if nothing else is known of it.</summary>
    private static long CloseGaps(BufferFile file, Lane lane, KnownNumbers known)
    {
        var next = known.Mark + 1;
        var lost = 0L;
        var losses = known.Losses.Where(IsPlausible).OrderBy(loss => loss.First).ToList();
        foreach (var number in file.NumbersOf(lane))
        {
            Fill(number);
            next = number + 1;
        }

        Fill(losses.Select(loss => loss.Last + 1).Append(known.Next).Max());
        file.SetNumbers(lane, known.Mark, next);
        return lost;

        void Fill(long to)
        {
            foreach (var loss in losses.Where(loss => loss.First < to && loss.Last >= next))
            {
                Note(loss.First, LossReason.Damaged);
                Note(Math.Min(to, loss.Last + 1), loss.Reason);
            }

            Note(to, LossReason.Damaged);
        }

        void Note(long to, LossReason reason)
        {
            if (to > next)
            {
                file.NoteMissing(lane, next, to - next, reason);
                lost += reason == LossReason.Damaged ? to - next : 0;
                next = to;
            }
        }
    }

    private static bool IsPlausible(Loss loss) =>
        loss.First >= 1 && loss.Count >= 1 && loss.Count < Batch.MaxNumber - loss.First && Enum.IsDefined(loss.Reason);
}
