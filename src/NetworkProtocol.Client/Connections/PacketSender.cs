using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;

namespace NetworkProtocol.Client.Connections;

/// <summary>
/// Sends a connection's packets. Callers write packets into a buffer under one lock, and one loop sends the buffer, so that many small
/// packets leave in one write. The same lock covers the bytes, their number and the places in the order of answers, so that the order of
/// the bytes and the order of answers are the same. <c>docs/client-internals.md</c> has the states of a request.
/// </summary>
/// <param name="stream">The stream to the server.</param>
/// <param name="channel">Seals the packets. Null: the packets are plain.</param>
/// <param name="order">The order of answers.</param>
/// <param name="maxUnsentBytes">The number of bytes in the buffer from which on nobody may write, except urgent messages.</param>
/// <param name="lost">Called with the exception of a failed write.</param>
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
    private bool _hasWrittenDisconnect;
    private bool _isSending;
    private bool _needsPing; // the server may answer a message that nobody awaits, and no Ping was written after it
    private long _written;
    private long _begun;

    /// <summary>
    /// The number of the last packet that was handed to the stream. The server certainly has not executed a packet with a higher number.
    /// </summary>
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

    /// <summary>Writes a request and puts it at the end of the order of answers.</summary>
    /// <returns>False if there is no room now.</returns>
    /// <exception cref="ProtocolClientException">The connection is closed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The message is too large for a packet.</exception>
    public bool TryWrite(Message message, PendingRequest request)
    {
        bool starts;
        lock (_lock)
        {
            if (!HasRoom())
            {
                return false;
            }

            // The server may answer messages that were sent without waiting for an answer. The Pong shows where those answers end.
            if (_needsPing)
            {
                ThrowIfTooLarge(message);
                Write(Message.Ping.Instance, order.Rent().BeginUnawaited(Message.Ping.Instance, request.Started));
                _needsPing = false;
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

    /// <summary>
    /// Writes a message whose answer nobody awaits. All such messages between two Pings have one place in the order of answers: a marker
    /// that no answer fits.
    /// </summary>
    /// <returns>False if there is no room now.</returns>
    /// <exception cref="ProtocolClientException">The connection is closed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The message is too large for a packet.</exception>
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
            if (MayBeAnswered(message) && !_needsPing)
            {
                order.Add(order.Rent().BeginUnawaited(null, 0));
            }

            // After a Pong no message before its Ping gets an answer, whether the connection or a caller has sent the Ping.
            _needsPing = message is not Message.Ping && (_needsPing || MayBeAnswered(message));
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
    /// Writes a Ping or a Disconnect also if there is no room, because they are few. Writes a Pong only if there is room, because a
    /// server that pings and does not read must not fill the memory. After a Disconnect nothing is written.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="ping">The place of a Ping in the order of answers. Null for other messages.</param>
    public void WriteUrgently(Message message, PendingRequest? ping)
    {
        bool starts;
        lock (_lock)
        {
            if (_closed is not null || _hasWrittenDisconnect || (message is Message.Pong && _filling.WrittenCount >= maxUnsentBytes))
            {
                return;
            }

            _hasWrittenDisconnect = message is Message.Disconnect;
            Write(message, ping);
            _needsPing &= ping is null;
            starts = TryStart();
        }

        if (starts)
        {
            Send(alone: false);
        }
    }

    /// <summary>Completes when there may be room again, or the connection is closed.</summary>
    public Task RoomAsync()
    {
        lock (_lock)
        {
            return _closed is not null || _filling.WrittenCount < maxUnsentBytes
                ? Task.CompletedTask
                : (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Completes when everything that was written is sent, or cannot be sent any more.</summary>
    public Task DrainedAsync()
    {
        lock (_lock)
        {
            return !_isSending ? Task.CompletedTask
                : (_drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Closes the sender: nothing is written any more, and callers that try get the reason as an exception.</summary>
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

    private bool HasRoom() => _closed is null && !_hasWrittenDisconnect
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

    /// <summary>Under the lock: returns whether the caller has to start the loop, because it does not run.</summary>
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
        // A single request is sent at once. If there are many, the send is queued behind the callers that are about to run, and one
        // write sends their packets, too.
        if (alone)
        {
            _ = SendAllAsync(once: true);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>The loop: sends what is written until nothing is left.</summary>
    /// <param name="once">
    /// Whether to send one buffer and then continue on the thread pool. On a caller's thread this is true, so that the caller does not
    /// send the packets of others.
    /// </param>
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
#pragma warning disable CA1031 // A user's stream (ConnectionOptions.Dial) may throw anything, and the requests must fail.
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
            // After the end of the connection nothing more is handed to the stream. So the callers of these requests know that the
            // requests were never sent, and may send them over another connection.
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
