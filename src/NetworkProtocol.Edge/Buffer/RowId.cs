using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>The row ids of messages and losses: lane, then sequence number, so that each lane is one range in its order.</summary>
internal static class RowId
{
    private const int SequenceBits = 61; // Batch.MaxNumber is below it, and two lanes fit above it

    public static long Of(Lane lane, long sequence) => ((long)lane << SequenceBits) | sequence;

    public static Lane LaneOf(long id) => (Lane)(id >> SequenceBits);

    public static long SequenceOf(long id) => id & ((1L << SequenceBits) - 1);
}
