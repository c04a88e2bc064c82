using NetworkProtocol.Messages;

namespace NetworkProtocol.Client.Connections;

/// <summary>Sends the requests of callers: each waits for a slot and for room in the send buffer, and then for its answer.</summary>
internal sealed class RequestSender(ConnectionOptions options, AnswerOrder order, PacketSender sender, RequestSlots slots)
{
    /// <exception cref="ArgumentException">The message is not a Ping, an Echo or a Custom.</exception>
    public static void ThrowIfHasNoAnswer(Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message is not (Message.Ping or Message.Echo or Message.Custom))
        {
            throw new ArgumentException($"{message.Tag} has no answer: use {nameof(ProtocolConnection.SendAsync)}.", nameof(message));
        }
    }

    /// <summary>Sends a request and returns its answer.</summary>
    /// <param name="message">The request.</param>
    /// <param name="started">The timestamp from which the request's timeout counts.</param>
    /// <param name="cancellationToken">Ends the wait of the caller.</param>
    public ValueTask<Message> RequestAsync(Message message, long started, CancellationToken cancellationToken)
    {
        try
        {
            if (slots.TryTake())
            {
                if (TryWrite(message, started, cancellationToken, out var answer))
                {
                    return answer;
                }

                slots.Free();
            }
        }
        catch (ProtocolClientException e)
        {
            return ValueTask.FromException<Message>(e);
        }

        return WaitAndRequestAsync(message, started, cancellationToken);
    }

    private async ValueTask<Message> WaitAndRequestAsync(Message message, long started, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(TimeLeft(started), options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await slots.TakeAsync(either.Token).ConfigureAwait(false);
            ValueTask<Message> answer;
            while (!TryWrite(message, started, cancellationToken, out answer))
            {
                await WaitForRoomAsync(either.Token).ConfigureAwait(false);
            }

            return await answer.ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ProtocolClientException(
                ProtocolErrorKind.Timeout, $"The request was not sent within {options.RequestTimeout}: the connection is too busy.", e);
        }
    }

    private TimeSpan TimeLeft(long started)
    {
        if (options.RequestTimeout == Timeout.InfiniteTimeSpan)
        {
            return Timeout.InfiniteTimeSpan;
        }

        var left = options.RequestTimeout - options.TimeProvider.GetElapsedTime(started);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private async Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        try
        {
            await sender.RoomAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            slots.Free();
            throw;
        }
    }

    /// <summary>
    /// Writes a request whose slot is taken. If there is no room, the slot stays taken; if writing fails, it becomes free.
    /// </summary>
    private bool TryWrite(Message message, long started, CancellationToken cancellationToken, out ValueTask<Message> answer)
    {
        var request = order.Rent();
        answer = request.Begin(message, started, cancellationToken);
        try
        {
            if (sender.TryWrite(options.SendTraceContext ? ClientTelemetry.WithTraceContext(message) : message, request))
            {
                return true;
            }

            request.Abandon();
            return false;
        }
        catch
        {
            request.Abandon();
            slots.Free();
            throw;
        }
    }
}
