using Microsoft.Extensions.Logging;
using NetworkProtocol.Client;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Uplink;

/// <summary>
/// Sends the messages of one lane to the hub, in their order, and deletes what the hub has acknowledged. One batch is on its way at a time,
/// so what the hub has is always a beginning of what the edge has.
/// </summary>
internal sealed class LaneUplink(
    IUplinkBuffer buffer,
    ProtocolClient client,
    Lane lane,
    string source,
    EdgeOptions options,
    EdgeMetrics metrics,
    UplinkState uplink,
    UplinkSwitch switches,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>
    /// The wait after an error. The client waits before it connects again anyway; this is for a hub that answers with errors.
    /// </summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>The wait after the hub has refused the epoch, which only an operator can mend.</summary>
    private static readonly TimeSpan LongPause = TimeSpan.FromMinutes(1);

    private readonly HubClient _hub = new(client);
    private readonly CatchUpLimiter _limiter = new(options.CatchUpRate, time);
    private bool _isPutOff; // the hub could not store the last batch

    /// <summary>Sends until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var agreement = new Agreement(buffer, _hub, lane, source, Acknowledged, time, logger);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await switches.WhileResumedAsync(cancellationToken);
                if (await agreement.ReachAsync(cancellationToken) is not { } answer)
                {
                    uplink.Down(lane, "the hub knows a later epoch of this source");
                    await switches.WaitAsync(LongPause, cancellationToken);
                    continue;
                }

                _limiter.Credit = answer.Credit;
                _limiter.Begin(metrics.AcceptedOf(lane));
                if (!_isPutOff) // a hub that takes greetings and no batches would seem to come and go every second
                {
                    Up();
                }

                if (!await SendAsync(cancellationToken))
                {
                    await PauseAsync(cancellationToken); // a hub that wants greetings again and again gets them slowly
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (BufferException e)
            {
                Down($"this {options.Owner.Name}'s own buffer fails. {e.Message}");
                await PauseAsync(cancellationToken);
            }
#pragma warning disable CA1031 // Whatever has failed, the messages are in the buffer: the lane must not end.
            catch (Exception e)
#pragma warning restore CA1031
            {
                // The text of an open breaker counts seconds, so that it would be a new reason each time. What opened it stays the same.
                var reason = e is ProtocolClientException { Kind: ProtocolErrorKind.BreakerOpen, InnerException: { } cause } ? cause : e;
                Down(reason.Message);
                await PauseAsync(cancellationToken);
            }
        }
    }

    /// <summary>Sends batches until the hub wants a greeting; returns whether the hub has stored any.</summary>
    private async Task<bool> SendAsync(CancellationToken cancellationToken)
    {
        for (var hasStored = false; ;)
        {
            await switches.WaitAsync(_limiter.Wait(metrics.AcceptedOf(lane), IsFlushing), cancellationToken);
            await switches.WhileResumedAsync(cancellationToken);
            var changed = buffer.Changed; // read before the buffer, so that no message falls between the two
            var most = _limiter.Allowance(IsFlushing);
            var (batch, damaged) = await buffer.NextAsync(lane, source, most, cancellationToken);
            metrics.Dropped(Drop.Damaged, damaged);
            if (batch is null)
            {
                await changed.WaitAsync(cancellationToken);
                continue;
            }

            _limiter.Spend(batch.Messages.Count, IsFlushing);
            var answer = await _hub.AppendAsync(batch, cancellationToken);
            _limiter.Credit = answer.Credit;
            switch (answer.Status)
            {
                case AppendStatus.Stored when answer.Mark >= batch.First && answer.Mark <= batch.Last:
                    await AcknowledgeAsync(batch, answer.Mark, cancellationToken);
                    (hasStored, _isPutOff) = (true, false);
                    Up();
                    break;
                case AppendStatus.Later:
                    _isPutOff = true;
                    Down("the hub cannot store at the moment");
                    await switches.WaitAsync(Longer(answer.RetryAfter ?? ShortestPause, ShortestPause), cancellationToken);
                    return true; // the greeting tells whether the hub has stored the batch all the same
                default:
                    return hasStored;
            }
        }
    }

    private async Task AcknowledgeAsync(Batch batch, long mark, CancellationToken cancellationToken)
    {
        var last = batch.Messages.LastOrDefault(message => message.Sequence == mark);
        uint? checksum = last.Sequence != mark ? null : MessageChecksum.Compute(
            last.Sequence, last.Time, System.Text.Encoding.UTF8.GetBytes(last.Topic), last.Payload.Span);
        if (await buffer.AcknowledgeAsync(lane, batch.Epoch, mark, checksum, cancellationToken) is not null)
        {
            Acknowledged(mark - batch.First + 1, batch.Messages.Count(message => message.Sequence <= mark));
        }
    }

    private void Acknowledged(long numbers, long messages)
    {
        metrics.Acknowledged(lane, numbers, messages);
        uplink.Acknowledged(lane);
    }

    private bool IsFlushing => switches.IsFlushing(lane, buffer.MarkOf(lane));

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private void Up()
    {
        if (uplink.Up(lane))
        {
            EdgeLog.UplinkUp(logger, options.HubAddress, source, lane, buffer.MarkOf(lane) + 1);
        }
    }

    private void Down(string error)
    {
        if (uplink.Down(lane, error))
        {
            EdgeLog.UplinkDown(logger, options.HubAddress, error);
        }
    }

    // Random, so that all edges of a hub do not come at the same moment.
    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await switches.WaitAsync(ShortestPause * (1 + Random.Shared.NextDouble()), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The loop ends.
        }
    }
}
