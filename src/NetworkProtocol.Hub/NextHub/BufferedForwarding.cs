using NetworkProtocol.Client;
using NetworkProtocol.Edge;

namespace NetworkProtocol.Hub.NextHub;

/// <summary>Forwards from a store of this node alone: what waits there goes into a buffer on disk, as an edge has it.</summary>
internal sealed class BufferedForwarding(
    IForwardSource source, MessageForwarder next, ForwardTally tally, HubForwardOptions options, TimeProvider time) : IForwarding
{
    private readonly Handover _handover = new(source, next, options, tally, time);

    public ProtocolClient Client => next.Client;

    public long Acknowledged => next.Acknowledged;

    public long Waiting => next.Messages + tally.Waiting;

    public ForwardTally Tally => tally;

    public IEnumerable<(string Reason, long Count)> Drops => tally.Drops(next.Damaged, next.LostByHub);

    public string? BufferError => next.BufferError;

    public string? BufferShortage => next.BufferShortage;

    public string? UplinkError => next.UplinkError;

    public string WaitingText => $"{next.Messages} messages are in the buffer, and {tally.Waiting} wait in the store";

    public void Start() => next.Start();

    public async Task RunAsync(Action working, CancellationToken cancellationToken)
    {
        await _handover.BeginAsync(cancellationToken);
        while (true)
        {
            var (stored, sent) = (source.Changed, next.Changed); // read before the step, so that nothing falls between the two
            var outcome = await _handover.StepAsync(cancellationToken);
            working();
            if (outcome != HandoverOutcome.Moved)
            {
                // An alarm that is stored may have room although bulk messages have none.
                await HubForwarder.WaitAsync(
                    outcome == HandoverOutcome.Blocked ? Task.WhenAny(sent, stored) : stored, time, cancellationToken);
            }
        }
    }

    public Task StopAsync() => next.StopAsync();

    public ValueTask DisposeAsync() => next.DisposeAsync();
}
