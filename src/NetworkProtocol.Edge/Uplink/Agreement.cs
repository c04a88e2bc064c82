using Microsoft.Extensions.Logging;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Uplink;

/// <summary>
/// Finds out, with <c>EDGE.HELLO</c>, whether edge and hub mean the same sequence of a lane, and makes them mean the same.
/// </summary>
/// <remarks>An acknowledgement that was lost on its way, and is found so, is reported: its numbers, and its messages among them.</remarks>
internal sealed class Agreement(
    IUplinkBuffer buffer,
    HubClient hub,
    Lane lane,
    string source,
    Action<long, long> acknowledged,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>The shortest time between two new epochs: a hub that is wrong must not wear out the edge's disk.</summary>
    private static readonly TimeSpan EpochInterval = TimeSpan.FromMinutes(1);

    /// <summary>A hub that changes its mind again and again does not hold the edge in a loop.</summary>
    private const int MaxTurns = 10;

    private long? _begunAt;

    /// <summary>Returns the hub's answer when both agree; null if the hub knows a later epoch, so that nothing can be sent.</summary>
    public async Task<HelloAnswer?> ReachAsync(CancellationToken cancellationToken)
    {
        for (var turn = 0; turn < MaxTurns; turn++)
        {
            var here = await buffer.ReadAsync(lane, cancellationToken);
            var answer = await hub.HelloAsync(
                new Hello(source, lane, here.Epoch, here.Mark + 1, here.Checksum), cancellationToken);
            switch (answer.Status)
            {
                case HelloStatus.OldEpoch when await buffer.TryOvertakeAsync(lane, answer.Epoch, LimitEpochs, cancellationToken):
                    break;
                case HelloStatus.OldEpoch:
                    EdgeLog.OldEpoch(logger, source, answer.Epoch, here.Epoch);
                    return null;
                case HelloStatus.Fork:
                    await BeginEpochAsync("the messages at the hub's mark differ", cancellationToken);
                    break;
                default:
                    if (await AlignAsync(here, answer, cancellationToken))
                    {
                        await buffer.NoteAgreedAsync(lane, cancellationToken);
                        return answer;
                    }

                    break;
            }
        }

        throw new EncodingException("Edge and hub do not agree on a sequence.");
    }

    /// <summary>Brings the two marks together; false: another greeting is needed.</summary>
    private async Task<bool> AlignAsync(LanePosition here, HelloAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.Mark == here.Mark)
        {
            return true;
        }

        if (answer.Mark < here.Mark)
        {
            // What lies between was acknowledged and deleted here, and an older copy of the hub's store was restored.
            var lost = await buffer.MoveMarkBackAsync(lane, answer.Mark, cancellationToken);
            EdgeLog.HubRestored(logger, source, lost, lane);
            return true;
        }

        if (answer.Mark >= here.Next)
        {
            await BeginEpochAsync($"the hub has the number {answer.Mark}, and the last one here is {here.Next - 1}", cancellationToken);
            return false;
        }

        // The hub's answer to a batch was lost. The message at the mark proves that the hub has this buffer's messages.
        var checksum = await buffer.ChecksumOfAsync(lane, answer.Mark, cancellationToken);
        var proof = await hub.HelloAsync(new Hello(source, lane, here.Epoch, answer.Mark + 1, checksum), cancellationToken);
        if (proof.Status == HelloStatus.Fork)
        {
            await BeginEpochAsync("the messages at the hub's mark differ", cancellationToken);
            return false;
        }

        if (proof.Status != HelloStatus.Agreed || proof.Mark != answer.Mark)
        {
            return false;
        }

        if (await buffer.AcknowledgeAsync(lane, here.Epoch, answer.Mark, checksum, cancellationToken) is { } messages)
        {
            acknowledged(answer.Mark - here.Mark, messages);
        }

        return true;
    }

    private async Task BeginEpochAsync(string reason, CancellationToken cancellationToken)
    {
        var before = _begunAt;
        LimitEpochs();
        try
        {
            EdgeLog.NewEpoch(logger, source, reason, await buffer.BeginEpochAsync(lane, cancellationToken));
        }
        catch
        {
            _begunAt = before; // so that the next attempt says what is wrong, and not that this one was a minute ago
            throw;
        }
    }

    private void LimitEpochs()
    {
        if (_begunAt is { } begun && time.GetElapsedTime(begun) < EpochInterval)
        {
            throw new EncodingException("The hub wants a new epoch again, and this node has begun one within the last minute.");
        }

        _begunAt = time.GetTimestamp();
    }
}
