using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>Adds one message, within the buffer's bounds.</summary>
internal sealed class AppendJob(BufferedMessage message, BufferLimits limits, EdgeMetrics metrics, CancellationToken cancellationToken)
    : IBufferJob
{
    private readonly TaskCompletionSource<long> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _sequence;
    private int _dropped;
    private BufferException? _refusal;

    /// <summary>The message's sequence number, once the disk has the message.</summary>
    public Task<long> Sequence => _completion.Task;

    public bool TryRun(BufferFile file)
    {
        _dropped = 0;
        _refusal = null;
        if (cancellationToken.IsCancellationRequested)
        {
            _completion.TrySetCanceled(cancellationToken); // its sensor is gone, or was told that it took too long
            return true;
        }

        while (!limits.HasRoom(file, message.Bytes))
        {
            if (limits.WhenFull == WhenFull.Block)
            {
                return false;
            }

            if (limits.WhenFull == WhenFull.DropNewest || !TryDropOldest(file))
            {
                _refusal = new BufferException($"The buffer is full: it holds {limits.Describe()}");
                return true;
            }

            _dropped++;
        }

        _sequence = file.Add(message);
        return true;
    }

    public void Complete()
    {
        metrics.Dropped(Drop.Full, _dropped);
        if (_refusal is { } refusal)
        {
            metrics.Dropped(Drop.Refused, 1);
            _completion.TrySetException(refusal);
        }
        else if (_completion.TrySetResult(_sequence))
        {
            metrics.Accepted(message.Lane);
        }
    }

    public void Fail(Exception error)
    {
        if (_completion.TrySetException(error))
        {
            metrics.Dropped(Drop.NotDurable, 1);
        }
    }

    // A bulk message never displaces an alarm.
    private bool TryDropOldest(BufferFile file) =>
        file.DropFirst(Lane.Bulk, LossReason.Full) || (message.Lane == Lane.Alarm && file.DropFirst(Lane.Alarm, LossReason.Full));
}
