using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>Adds one message, within the buffer's bounds.</summary>
internal sealed class AppendJob : IBufferJob
{
    private readonly BufferLimits _limits;
    private readonly EdgeMetrics _metrics;
    private readonly Lane _lane;
    private readonly TaskCompletionSource<long> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _registration;
    private volatile BufferedMessage? _message;
    private long? _sequence;
    private BufferException? _refusal;

    public AppendJob(BufferedMessage message, BufferLimits limits, EdgeMetrics metrics, CancellationToken cancellationToken)
    {
        (_message, _limits, _metrics, _lane) = (message, limits, metrics, message.Lane);

        // A sensor that is gone must not leave its message behind in a queue that may stand for long.
        _registration = cancellationToken.UnsafeRegister(
            static (job, token) =>
            {
                if (((AppendJob)job!)._completion.TrySetCanceled(token))
                {
                    ((AppendJob)job)._message = null;
                }
            },
            this);
    }

    /// <summary>Whether the sensor waits no longer, so that nothing is left to be done.</summary>
    public bool IsAbandoned => _message is null;

    /// <summary>The message's sequence number, once the disk has the message.</summary>
    public Task<long> Sequence => _completion.Task;

    public long Bytes => _message?.Bytes ?? 0;

    public bool TryRun(BufferFile file)
    {
        (_sequence, _refusal) = (null, null);
        if (_message is not { } message)
        {
            return true;
        }

        while (!_limits.HasRoom(file, message.Bytes))
        {
            if (_limits.WhenFull == WhenFull.Block)
            {
                return false;
            }

            if (_limits.WhenFull == WhenFull.DropNewest || !TryDropOldest(file, message))
            {
                _refusal = new BufferException($"The buffer is full: it holds {_limits.Describe()}") { IsFull = true };
                return true;
            }
        }

        _sequence = file.Add(message);
        return true;
    }

    public void Complete()
    {
        _registration.Unregister();
        if (_refusal is { } refusal)
        {
            _metrics.Dropped(Drop.Refused, 1);
            _completion.TrySetException(refusal);
        }
        else if (_sequence is { } sequence)
        {
            _metrics.Accepted(_lane);
            _completion.TrySetResult(sequence);
        }
    }

    public void Fail(Exception error)
    {
        _registration.Unregister();
        if (_completion.TrySetException(error))
        {
            _metrics.Dropped(Drop.NotDurable, 1);
        }
    }

    // A bulk message never displaces an alarm, and displaces no other message if the alarms leave no room for it.
    private bool TryDropOldest(BufferFile file, BufferedMessage message) => message.Lane == Lane.Alarm
        ? _limits.CanHold(message.Bytes) && (file.DropFirst(Lane.Bulk) || file.DropFirst(Lane.Alarm))
        : _limits.HasRoomBeside(file, Lane.Alarm, message.Bytes) && file.DropFirst(Lane.Bulk);
}
