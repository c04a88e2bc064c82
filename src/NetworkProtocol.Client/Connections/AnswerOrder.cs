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
        if (!TryTake(message, out var request, out var passed))
        {
            return false;
        }

        foreach (var unanswered in passed)
        {
            unanswered.Fail(CreateUnanswered());
            Free(unanswered);
        }

        started = request.Started;
        request.Complete(message);
        Free(request);
        return true;
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

    /// <summary>Fails all. Nothing is added any more when this is called.</summary>
    public void FailAll(Func<PendingRequest, Exception> error)
    {
        foreach (var request in TakeAll())
        {
            if (!request.IsCompleted)
            {
                request.Fail(error(request));
            }

            Free(request);
        }
    }

    private static ProtocolClientException CreateUnanswered() =>
        new(ProtocolErrorKind.Protocol, "The server answered the next request and not this one.")
        {
            MayHaveBeenExecuted = true,
            IsUnanswered = true,
        };

    private void Free(PendingRequest request)
    {
        var holdsSlot = request.HoldsSlot;
        request.Leave();
        if (holdsSlot)
        {
            freed();
        }
    }

    /// <summary>Takes the request that a message answers and those before it, which it says have no answer: all of them or none.</summary>
    private bool TryTake(Message message, out PendingRequest request, out PendingRequest[] passed)
    {
        (request, passed) = (null!, []);
        lock (_lock)
        {
            var place = FindPlace(message);
            if (place < 0)
            {
                return false;
            }

            passed = TakeFirst(place);
            request = TakeFirst();
            return true;
        }
    }

    /// <summary>How many wait before the request that a message answers; -1 if it answers none.</summary>
    private int FindPlace(Message message)
    {
        if (message is Message.Pong && _pings == 0)
        {
            return -1;
        }

        var place = 0;
        foreach (var request in _waiting)
        {
            if (request.IsAnsweredBy(message, anyCommand))
            {
                return place;
            }

            if (!MayBePassed(request, message))
            {
                return -1;
            }

            place++;
        }

        return -1;
    }

    // Answers come in order: one that fits a later request says that those before it have none. A Custom says so only of those whose
    // callers have given up, because a server may send Customs of its own accord.
    private static bool MayBePassed(PendingRequest request, Message message) => message switch
    {
        Message.Pong => true,
        _ when request.Asked is null => false, // it may be the answer to what was only sent
        Message.Echo => true,
        _ => request.IsCompleted,
    };

    // At once: between one and the next of these the receiver would give an answer to a request that is not its own.
    private PendingRequest[] TakeAll()
    {
        lock (_lock)
        {
            return TakeFirst(_waiting.Count);
        }
    }

    private PendingRequest[] TakeFirst(int count)
    {
        if (count == 0)
        {
            return [];
        }

        var first = new PendingRequest[count];
        for (var i = 0; i < count; i++)
        {
            first[i] = TakeFirst();
        }

        return first;
    }

    private PendingRequest TakeFirst()
    {
        var request = _waiting.Dequeue();
        _pings -= request.Asked is Message.Ping ? 1 : 0;
        return request;
    }
}
