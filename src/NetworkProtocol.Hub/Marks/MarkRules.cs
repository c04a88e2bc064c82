using System.Text;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub.Marks;

/// <summary>
/// The rules that make each message be stored once, whatever is lost, repeated or reordered between edge and hub. They know no store:
/// every store asks them in the transaction that changes the lane.
/// </summary>
internal static class MarkRules
{
    public static HelloDecision Greet(LaneState? known, Hello hello)
    {
        var adopted = new LaneState(hello.Epoch, hello.Next - 1, hello.Checksum);
        if (known is not { } lane || hello.Epoch > lane.Epoch)
        {
            return new HelloDecision(HelloStatus.Agreed, adopted);
        }

        if (hello.Epoch < lane.Epoch)
        {
            return new HelloDecision(HelloStatus.OldEpoch, lane);
        }

        // Below and above the mark there is nothing to compare. An edge that is behind recognizes that from the mark of the answer, and
        // greets again with the message at the mark; an edge that is ahead sends what follows the mark, or declares it as lost.
        var isFork = adopted.Mark == lane.Mark && adopted.Checksum is { } theirs && lane.Checksum is { } ours && theirs != ours;
        return new HelloDecision(isFork ? HelloStatus.Fork : HelloStatus.Agreed, lane);
    }

    public static AppendDecision Append(LaneState? known, Batch batch)
    {
        if (known is not { } lane || batch.Epoch > lane.Epoch)
        {
            return AppendDecision.Refuse(AppendStatus.HelloFirst, known);
        }

        if (batch.Epoch < lane.Epoch)
        {
            return AppendDecision.Refuse(AppendStatus.OldEpoch, lane);
        }

        if (batch.First > lane.Mark + 1)
        {
            return AppendDecision.Refuse(AppendStatus.Gap, lane);
        }

        // Copies of one disk that run at once have the same epoch, and an edge that is never interrupted never greets again.
        if (lane.Checksum is { } ours && ChecksumAt(lane.Mark, batch) is { } theirs && theirs != ours)
        {
            return AppendDecision.Refuse(AppendStatus.HelloFirst, lane);
        }

        var last = batch.Last;
        if (last <= lane.Mark)
        {
            return new AppendDecision(AppendStatus.Stored, lane.Mark, lane, batch.Messages.Count, []);
        }

        var duplicates = 0;
        while (duplicates < batch.Messages.Count && batch.Messages[duplicates].Sequence <= lane.Mark)
        {
            duplicates++;
        }

        Loss[] losses = [.. batch.Losses.Where(loss => loss.Last > lane.Mark).Select(loss => Behind(lane.Mark, loss))];
        return new AppendDecision(
            AppendStatus.Stored, last, new LaneState(lane.Epoch, last, ChecksumAt(last, batch)), duplicates, losses);
    }

    private static Loss Behind(long mark, Loss loss) =>
        loss.First > mark ? loss : loss with { First = mark + 1, Count = loss.Last - mark };

    /// <returns>Null if the number is that of a loss, or is not in the batch.</returns>
    private static uint? ChecksumAt(long sequence, Batch batch) => batch.Messages
        .Where(message => message.Sequence == sequence)
        .Select(message => (uint?)ChecksumOf(message))
        .FirstOrDefault();

    private static uint ChecksumOf(in BatchMessage message)
    {
        Span<byte> topic = stackalloc byte[Topic.MaxBytes];
        var length = Encoding.UTF8.GetBytes(message.Topic, topic);
        return MessageChecksum.Compute(message.Sequence, message.Time, topic[..length], message.Payload.Span);
    }
}
