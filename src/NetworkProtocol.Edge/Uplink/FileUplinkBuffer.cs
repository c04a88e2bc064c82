using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Uplink;

/// <summary>
/// The edge's buffer as the uplink uses it. Both lanes have the epoch of the file. A message that is dropped on its way to the hub is in
/// doubt until the hub has answered, or agreed to a mark.
/// </summary>
internal sealed class FileUplinkBuffer(MessageBuffer buffer, BufferStorage storage, EdgeMetrics metrics) : IUplinkBuffer
{
    public Task Changed => buffer.Changed;

    public long MarkOf(Lane lane) => buffer.State?[lane].Mark ?? 0;

    public Task<LanePosition> ReadAsync(Lane lane, CancellationToken cancellationToken) => buffer.RunAsync(
        file =>
        {
            var state = file.State[lane];
            return new LanePosition(file.Epoch, state.Next, state.Mark, state.Checksum);
        },
        cancellationToken);

    public Task<(Batch? Batch, long Damaged)> NextAsync(
        Lane lane, string source, int most, CancellationToken cancellationToken) =>
        buffer.RunAsync(file => BatchBuilder.Next(file, lane, source, most), cancellationToken);

    // A file that was salvaged meanwhile has another epoch, and the answer is not about its messages. One that was moved between the disk
    // and the memory has the same messages under the same epoch.
    public async Task<long?> AcknowledgeAsync(Lane lane, long epoch, long mark, uint? checksum, CancellationToken cancellationToken)
    {
        var (deleted, isStored) = await buffer.RunAsync<(long? Deleted, bool IsStored)>(
            file =>
            {
                if (file.Epoch != epoch)
                {
                    return (null, false);
                }

                var count = file.Acknowledge(lane, mark, checksum);
                return (file.State[lane].Mark == mark ? count : null, file.EndDoubt(lane));
            },
            cancellationToken);
        if (deleted is not null)
        {
            metrics.EndDoubt(lane, isStored);
        }

        return deleted;
    }

    public Task<uint?> ChecksumOfAsync(Lane lane, long sequence, CancellationToken cancellationToken) =>
        buffer.RunAsync(file => file.ChecksumOf(lane, sequence), cancellationToken);

    public async Task NoteAgreedAsync(Lane lane, CancellationToken cancellationToken)
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

    public Task<long> MoveMarkBackAsync(Lane lane, long mark, CancellationToken cancellationToken) =>
        buffer.RunAsync(file => file.MoveMarkBack(lane, mark), cancellationToken);

    public Task<long> BeginEpochAsync(Lane lane, CancellationToken cancellationToken) => buffer.RunAsync(
        file =>
        {
            file.BeginEpoch(storage.NextEpoch(file.Epoch));
            return file.Epoch;
        },
        cancellationToken);

    public Task<bool> TryOvertakeAsync(Lane lane, long hubEpoch, Action beginning, CancellationToken cancellationToken) =>
        buffer.RunAsync(
            file =>
            {
                if (!file.IsFresh || !Epochs.CanFollow(hubEpoch))
                {
                    return false;
                }

                if (file.Epoch <= hubEpoch)
                {
                    beginning();
                    file.BeginEpoch(storage.NextEpoch(hubEpoch));
                }

                return true;
            },
            cancellationToken);
}
