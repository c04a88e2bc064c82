namespace NetworkProtocol.Forwarding;

/// <summary>Messages that the edge had accepted and that no longer exist: a range of sequence numbers.</summary>
/// <param name="First">The first sequence number, from 1.</param>
/// <param name="Count">How many messages, from 1.</param>
/// <param name="Reason">Why they are lost.</param>
public sealed record Loss(long First, long Count, LossReason Reason)
{
    /// <summary>The last sequence number of the range.</summary>
    public long Last => First + Count - 1;
}
