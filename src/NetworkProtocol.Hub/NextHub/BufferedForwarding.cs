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

    public ForwardTally Tally => tally;

    public string? BufferError => next.BufferError;

    public string? UplinkError => next.UplinkError;

    public string Waiting => $"{next.Messages} messages are in the buffer, and {tally.Waiting} wait in the store";

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
                await HubForwarder.WaitAsync(outcome == HandoverOutcome.Blocked ? sent : stored, time, cancellationToken);
            }
        }
    }

    public Task StopAsync() => next.StopAsync();

    public ValueTask DisposeAsync() => next.DisposeAsync();
}
