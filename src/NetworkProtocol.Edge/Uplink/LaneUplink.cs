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
    MessageBuffer buffer,
    ProtocolClient client,
    Lane lane,
    string source,
    EdgeOptions options,
    BufferStorage storage,
    EdgeMetrics metrics,
    UplinkState uplink,
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

    /// <summary>Sends until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var agreement = new Agreement(buffer, _hub, lane, source, storage, logger);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (await agreement.ReachAsync(cancellationToken) is not { } answer)
                {
                    uplink.Down(lane, "the hub knows a later epoch of this source");
                    await Task.Delay(LongPause, time, cancellationToken);
                    continue;
                }

                _limiter.Credit = answer.Credit;
                Up();
                await SendAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is ProtocolClientException or EncodingException or BufferException)
            {
                Down(e.Message);
                await PauseAsync(cancellationToken);
            }
        }
    }

    /// <summary>Sends batches until the hub wants a greeting.</summary>
    private async Task SendAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = buffer.Changed; // read before the buffer, so that no message falls between the two
            var batch = await buffer.RunAsync(file => BatchBuilder.Next(file, lane, source, metrics), cancellationToken);
            if (batch is null)
            {
                await changed.WaitAsync(cancellationToken);
                continue;
            }

            await Task.Delay(_limiter.Take(batch.Messages.Count, metrics.AcceptedOf(lane)), time, cancellationToken);
            var answer = await _hub.AppendAsync(batch, cancellationToken);
            _limiter.Credit = answer.Credit;
            switch (answer.Status)
            {
                case AppendStatus.Stored when answer.Mark >= batch.First && answer.Mark <= batch.Last:
                    await AcknowledgeAsync(batch, answer.Mark, cancellationToken);
                    Up();
                    break;
                case AppendStatus.Later:
                    Down("the hub cannot store at the moment");
                    await Task.Delay(answer.RetryAfter ?? ShortestPause, time, cancellationToken);
                    break;
                default:
                    return;
            }
        }
    }

    private async Task AcknowledgeAsync(Batch batch, long mark, CancellationToken cancellationToken)
    {
        var last = batch.Messages.LastOrDefault(message => message.Sequence == mark);
        uint? checksum = last.Sequence != mark ? null : MessageChecksum.Compute(
            last.Sequence, last.Time, System.Text.Encoding.UTF8.GetBytes(last.Topic), last.Payload.Span);
        await buffer.RunAsync(file => file.Acknowledge(lane, mark, checksum), cancellationToken);
        metrics.Acknowledged(mark - batch.First + 1);
        uplink.Acknowledged();
    }

    private void Up()
    {
        if (uplink.Up(lane))
        {
            EdgeLog.UplinkUp(logger, options.HubAddress, source, lane, buffer.State![lane].Mark + 1);
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
            await Task.Delay(ShortestPause * (1 + Random.Shared.NextDouble()), time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The loop ends.
        }
    }
}
