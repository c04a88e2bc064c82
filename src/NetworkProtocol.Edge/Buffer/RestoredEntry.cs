using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>
/// Brings the messages and losses of a damaged file into one order. Messages are read one by one, because they may be many.
/// </summary>
internal static class RestoredEntry
{
    public static IEnumerable<(BufferRow? Row, Loss? Loss)> Merge(IEnumerable<BufferRow> rows, IEnumerable<Loss> losses)
    {
        var waiting = new Queue<Loss>(losses.Where(IsPlausible));
        foreach (var row in rows)
        {
            while (waiting.TryPeek(out var loss) && loss.First < row.Sequence)
            {
                yield return (null, waiting.Dequeue());
            }

            yield return (row, null);
        }

        foreach (var loss in waiting)
        {
            yield return (null, loss);
        }
    }

    private static bool IsPlausible(Loss loss) =>
        loss.First >= 1 && loss.Count >= 1 && loss.Count < Batch.MaxNumber - loss.First && Enum.IsDefined(loss.Reason);
}
