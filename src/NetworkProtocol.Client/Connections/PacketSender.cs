using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;

namespace NetworkProtocol.Client.Connections;

/// <summary>
/// The connection's way out. Whoever has something to say writes it into a buffer; one loop sends what is there, so that
/// many small messages leave together.
/// </summary>
internal sealed class PacketSender(
    Stream stream, SecureChannel? channel, AnswerOrder order, int maxUnsentBytes, Action<Exception> lost) : IThreadPoolWorkItem
{
    private static readonly ProtocolClientException Closing = new(ProtocolErrorKind.Closed, "The connection is being closed by this side.");

    private readonly Lock _lock = new();
    private SendBuffer _filling = new();
    private SendBuffer _sending = new();
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _drained;
    private ProtocolClientException? _closed;
    private bool _hasSaidGoodbye;
    private bool _isSending;
    private bool _answersUnsettled;
    private long _written;
    private long _begun;

    /// <summary>The last packet that has left or begun to leave; one written after it was certainly not executed.</summary>
    public long Begun
    {
        get
        {
            lock (_lock)
            {
                return _begun;
            }
        }
    }

    /// <summary>Writes a request and takes its place in the order of answers; false if there is no room now.</summary>
    /// <exception cref="ProtocolClientException">The connection is closed.</exception>
    public bool TryWrite(Message message, PendingRequest request)
    {
        bool starts;
        lock (_lock)
        {
            if (!HasRoom())
            {
                return false;
            }

            // What was sent without waiting for an answer may be answered all the same; a Pong tells where that ends.
            if (_answersUnsettled)
            {
                ThrowIfTooLarge(message);
                Write(Message.Ping.Instance, order.Rent().BeginUnawaited(Message.Ping.Instance, request.Started));
                _answersUnsettled = false;
            }

            Write(message, request);
            starts = TryStart();
        }

        if (starts)
        {
            Send(alone: order.Count <= 1);
        }

        return true;
    }

    /// <summary>Writes a message without waiting for an answer; false if there is no room now.</summary>
    /// <exception cref="ProtocolClientException">The connection is closed.</exception>
    public bool TryWrite(Message message)
    {
        bool starts;
        lock (_lock)
        {
            if (!HasRoom())
            {
                return false;
            }

            ThrowIfTooLarge(message);
            if (MayBeAnswered(message) && !_answersUnsettled)
            {
                order.Add(order.Rent().BeginUnawaited(null, 0));
            }

            // A Pong settles what was before its Ping, whoever has sent that.
            _answersUnsettled = message is not Message.Ping && (_answersUnsettled || MayBeAnswered(message));
            Write(message, message is Message.Ping ? order.Rent().BeginUnawaited(message, 0) : null);
            starts = TryStart();
        }

        if (starts)
        {
            Send(alone: false);
        }

        return true;
    }

    /// <summary>
    /// Writes a Ping or a Disconnect, whatever waits already, as they are few; and a Pong unless there is no room: a server that asks
    /// and does not read has no answer to expect. After a Disconnect nothing is written.
    /// </summary>
    public void WriteUrgently(Message message, PendingRequest? ping)
    {
        bool starts;
        lock (_lock)
        {
            if (_closed is not null || _hasSaidGoodbye || (message is Message.Pong && _filling.WrittenCount >= maxUnsentBytes))
            {
                return;
            }

            _hasSaidGoodbye = message is Message.Disconnect;
            Write(message, ping);
            _answersUnsettled &= ping is null;
            starts = TryStart();
        }

        if (starts)
        {
            Send(alone: false);
        }
    }

    /// <summary>Completes when there may be room again.</summary>
    public Task RoomAsync()
    {
        lock (_lock)
        {
            return _closed is not null || _filling.WrittenCount < maxUnsentBytes
                ? Task.CompletedTask
                : (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Completes when all that was written has been sent, or cannot be.</summary>
    public Task DrainedAsync()
    {
        lock (_lock)
        {
            return !_isSending ? Task.CompletedTask
                : (_drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>From here on nothing is written, and whoever tries is told why.</summary>
    public void Close(ProtocolClientException reason)
    {
        TaskCompletionSource? room;
        lock (_lock)
        {
            _closed ??= reason;
            (room, _room) = (_room, null);
        }

        room?.TrySetResult();
    }

    void IThreadPoolWorkItem.Execute() => _ = SendAllAsync(once: false);

    private static bool MayBeAnswered(Message message) => message is not (Message.Ping or Message.Pong or Message.Disconnect);

    private bool HasRoom() => _closed is null && !_hasSaidGoodbye
        ? _filling.WrittenCount < maxUnsentBytes
        : throw ProtocolClientException.Copy(_closed ?? Closing, wasNeverSent: true, isRepeated: true);

    private void ThrowIfTooLarge(Message message) => ArgumentOutOfRangeException.ThrowIfGreaterThan(
        MessageEncoder.GetLength(message) + (channel is null ? 0 : SecureChannel.Overhead), PacketHeader.MaxPayloadLength, nameof(message));

    private void Write(Message message, PendingRequest? request)
    {
        PacketWriter.Write(_filling, message, channel);
        _written++;
        if (request is not null)
        {
            request.Position = _written;
            order.Add(request);
        }
    }

    /// <summary>Under the lock: whether it is for this caller to send.</summary>
    private bool TryStart()
    {
        if (_isSending)
        {
            return false;
        }

        return _isSending = true;
    }

    private void Send(bool alone)
    {
        // A lone request leaves at once. Among many, the send goes behind the callers that are about to run, and takes theirs along.
        if (alone)
        {
            _ = SendAllAsync(once: true);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <param name="once">On a caller's thread: what others write meanwhile is not for it to send.</param>
    private async Task SendAllAsync(bool once)
    {
        try
        {
            while (TakeWritten())
            {
                await stream.WriteAsync(_sending.Written).ConfigureAwait(false);
                _sending.Clear();
                if (once && HasMore())
                {
                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                    return;
                }
            }
        }
#pragma warning disable CA1031 // A stream of another's making (ConnectionOptions.Dial) may fail with anything, and the requests must be told.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Stop();
            lost(e);
        }
    }

    private bool HasMore()
    {
        lock (_lock)
        {
            return _filling.WrittenCount > 0;
        }
    }

    private bool TakeWritten()
    {
        TaskCompletionSource? room;
        lock (_lock)
        {
            // What has not begun to leave when the connection ends never does: its callers are told so, and may send it elsewhere.
            if (_filling.WrittenCount == 0 || _closed is not null)
            {
                Stop();
                return false;
            }

            (_filling, _sending) = (_sending, _filling);
            _begun = _written;
            (room, _room) = (_room, null);
        }

        room?.TrySetResult();
        return true;
    }

    private void Stop()
    {
        TaskCompletionSource? drained;
        lock (_lock)
        {
            _isSending = false;
            (drained, _drained) = (_drained, null);
        }

        drained?.TrySetResult();
    }
}
