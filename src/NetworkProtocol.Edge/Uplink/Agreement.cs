using Microsoft.Extensions.Logging;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Uplink;

/// <summary>
/// Finds out, with <c>EDGE.HELLO</c>, whether edge and hub mean the same sequence of a lane, and makes them mean the same.
/// </summary>
internal sealed class Agreement(
    MessageBuffer buffer,
    HubClient hub,
    Lane lane,
    string source,
    BufferStorage storage,
    EdgeMetrics metrics,
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
            var (epoch, state) = await buffer.RunAsync(file => (file.Epoch, file.State[lane]), cancellationToken);
            var answer = await hub.HelloAsync(
                new Hello(source, lane, epoch, state.Mark + 1, state.Checksum), cancellationToken);
            switch (answer.Status)
            {
                case HelloStatus.OldEpoch when await TryOvertakeAsync(answer.Epoch, cancellationToken):
                    break;
                case HelloStatus.OldEpoch:
                    EdgeLog.OldEpoch(logger, source, answer.Epoch, epoch);
                    return null;
                case HelloStatus.Fork:
                    await BeginEpochAsync("the messages at the hub's mark differ", cancellationToken);
                    break;
                default:
                    if (await AlignAsync(epoch, state, answer, cancellationToken))
                    {
                        await EndDoubtAsync(cancellationToken);
                        return answer;
                    }

                    break;
            }
        }

        throw new EncodingException("Edge and hub do not agree on a sequence.");
    }

    private async Task EndDoubtAsync(CancellationToken cancellationToken)
    {
        var isStored = await buffer.RunAsync(
            file =>
            {
                file.NoteAgreed(lane);
                return file.EndDoubt(lane);
            },
            cancellationToken);
        metrics.EndDoubt(lane, isStored);
    }

    /// <summary>Brings the two marks together; false: another greeting is needed.</summary>
    private async Task<bool> AlignAsync(long epoch, LaneState state, HelloAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.Mark == state.Mark)
        {
            return true;
        }

        if (answer.Mark < state.Mark)
        {
            // What lies between was acknowledged and deleted here, and an older copy of the hub's store was restored.
            var lost = await buffer.RunAsync(file => file.MoveMarkBack(lane, answer.Mark), cancellationToken);
            EdgeLog.HubRestored(logger, source, lost, lane);
            return true;
        }

        if (answer.Mark >= state.Next)
        {
            await BeginEpochAsync($"the hub has the number {answer.Mark}, and the last one here is {state.Next - 1}", cancellationToken);
            return false;
        }

        // The hub's answer to a batch was lost. The message at the mark proves that the hub has this buffer's messages.
        var checksum = await buffer.RunAsync(file => file.ChecksumOf(lane, answer.Mark), cancellationToken);
        var proof = await hub.HelloAsync(new Hello(source, lane, epoch, answer.Mark + 1, checksum), cancellationToken);
        if (proof.Status == HelloStatus.Fork)
        {
            await BeginEpochAsync("the messages at the hub's mark differ", cancellationToken);
            return false;
        }

        if (proof.Status != HelloStatus.Agreed || proof.Mark != answer.Mark)
        {
            return false;
        }

        await buffer.RunAsync(file => file.Acknowledge(lane, answer.Mark, checksum), cancellationToken);
        return true;
    }

    // A buffer that no hub has ever agreed to cannot be an older copy: its disk is new, and the hub remembers the one before.
    private Task<bool> TryOvertakeAsync(long hubEpoch, CancellationToken cancellationToken) => buffer.RunAsync(
        file =>
        {
            if (!file.IsFresh || !Epochs.CanFollow(hubEpoch))
            {
                return false;
            }

            if (file.Epoch <= hubEpoch)
            {
                LimitEpochs();
                file.BeginEpoch(storage.NextEpoch(hubEpoch));
            }

            return true;
        },
        cancellationToken);

    private async Task BeginEpochAsync(string reason, CancellationToken cancellationToken)
    {
        var epoch = await buffer.RunAsync(
            file =>
            {
                LimitEpochs();
                file.BeginEpoch(storage.NextEpoch(file.Epoch));
                return file.Epoch;
            },
            cancellationToken);
        EdgeLog.NewEpoch(logger, source, reason, epoch);
    }

    private void LimitEpochs()
    {
        if (_begunAt is { } begun && time.GetElapsedTime(begun) < EpochInterval)
        {
            throw new EncodingException("The hub wants a new epoch again, and the edge has begun one within the last minute.");
        }

        _begunAt = time.GetTimestamp();
    }
}
