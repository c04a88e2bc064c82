using System.Collections.Concurrent;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Client.Connections;

/// <summary>
/// What was sent and has no answer yet, in order: the protocol has no request numbers, an answer belongs to the first that
/// waits. A Pong says that whatever was sent before its Ping will have no answer any more.
/// </summary>
internal sealed class AnswerOrder(bool anyCommand, Action freed)
{
    private readonly ConcurrentQueue<PendingRequest> _unused = new();
    private readonly Queue<PendingRequest> _waiting = new();
    private readonly Lock _lock = new();
    private int _pings;

    /// <summary>Whether a Ping is on its way.</summary>
    public bool IsPinging => Volatile.Read(ref _pings) > 0;

    public PendingRequest Rent() => _unused.TryDequeue(out var request) ? request : new PendingRequest(_unused.Enqueue);

    public void Add(PendingRequest request)
    {
        lock (_lock)
        {
            _waiting.Enqueue(request);
            _pings += request.Asked is Message.Ping ? 1 : 0;
        }
    }

    /// <summary>Gives a message to the request that it answers; false if nobody asked for it.</summary>
    /// <param name="message">What came.</param>
    /// <param name="started">When its request was written.</param>
    public bool TryAnswer(Message message, out long started)
    {
        started = 0;
        while (TryTake(message, out var request, out var isAnswer))
        {
            started = request.Started;
            if (isAnswer)
            {
                request.Complete(message);
            }
            else
            {
                request.Fail(new ProtocolClientException(
                    ProtocolErrorKind.Protocol, "The server went on to the next request without an answer to this one.")
                {
                    MayHaveBeenExecuted = true,
                    IsUnanswered = true,
                });
            }

            Free(request);
            if (isAnswer)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Fails those that were written at or before a time; they keep their places, so that answers never shift.</summary>
    /// <returns>Whether the first is one whose caller has given up.</returns>
    public bool Expire(long latest, Func<Exception> error)
    {
        lock (_lock)
        {
            foreach (var request in _waiting)
            {
                if (request.Started <= latest && !request.IsCompleted)
                {
                    request.Fail(error());
                }
            }

            return _waiting.TryPeek(out var first) && first is { Asked: not (null or Message.Ping), IsCompleted: true };
        }
    }

    /// <summary>How many wait.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>What the first that waits has asked, or null: its answer often repeats its text or command.</summary>
    public Message? FirstAsked
    {
        get
        {
            lock (_lock)
            {
                return _waiting.TryPeek(out var first) ? first.Asked : null;
            }
        }
    }

    /// <summary>Fails all.</summary>
    public void FailAll(Func<PendingRequest, Exception> error)
    {
        while (TryTakeFirst(out var request))
        {
            if (!request.IsCompleted)
            {
                request.Fail(error(request));
            }

            Free(request);
        }
    }

    private void Free(PendingRequest request)
    {
        var holdsSlot = request.HoldsSlot;
        request.Leave();
        if (holdsSlot)
        {
            freed();
        }
    }

    private bool TryTake(Message message, out PendingRequest request, out bool isAnswer)
    {
        lock (_lock)
        {
            isAnswer = false;
            if (!_waiting.TryPeek(out request!))
            {
                return false;
            }

            isAnswer = request.IsAnsweredBy(message, anyCommand);
            return (isAnswer || IsAnswerToLater(message)) && TakeFirst(out request);
        }
    }

    // Answers come in order: one that fits a later request says that those before it have none. A Custom says so only to one whose
    // caller has given up, because a server may send Customs of its own accord.
    private bool IsAnswerToLater(Message message)
    {
        if (message is Message.Pong)
        {
            return _pings > 0;
        }

        if (message is not Message.Echo && !_waiting.Peek().IsCompleted)
        {
            return false;
        }

        foreach (var request in _waiting)
        {
            if (request.Asked is null)
            {
                return false; // it may be the answer to what was only sent
            }

            if (request.IsAnsweredBy(message, anyCommand))
            {
                return true;
            }
        }

        return false;
    }

    private bool TryTakeFirst(out PendingRequest request)
    {
        lock (_lock)
        {
            request = null!;
            return _waiting.Count > 0 && TakeFirst(out request);
        }
    }

    private bool TakeFirst(out PendingRequest request)
    {
        request = _waiting.Dequeue();
        _pings -= request.Asked is Message.Ping ? 1 : 0;
        return true;
    }
}
