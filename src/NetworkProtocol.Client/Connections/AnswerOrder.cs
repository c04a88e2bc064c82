using System.Collections.Concurrent;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Client.Connections;

/// <summary>
/// The requests that were written and have no answer yet, in the order in which they were written. The protocol has no request numbers,
/// so an answer belongs to the first request that it fits. A Pong shows that everything that was sent before its Ping gets no answer any
/// more. <c>docs/client-internals.md</c> has the states of a request.
/// </summary>
/// <param name="anyCommand">Whether any Custom or Echo can be the answer to a Custom.</param>
/// <param name="slotFreed">Called when a request that holds a slot has left the order.</param>
internal sealed class AnswerOrder(bool anyCommand, Action slotFreed)
{
    private readonly ConcurrentQueue<PendingRequest> _unused = new();
    private readonly Queue<PendingRequest> _waiting = new();
    private readonly Lock _lock = new();
    private int _pings;

    /// <summary>Whether a Ping waits for its Pong.</summary>
    public bool IsPinging => Volatile.Read(ref _pings) > 0;

    /// <summary>The number of places in the order.</summary>
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

    /// <summary>The message of the first request, or null: the answer often has the same text or command.</summary>
    public Message? FirstMessage
    {
        get
        {
            lock (_lock)
            {
                return _waiting.TryPeek(out var first) ? first.Message : null;
            }
        }
    }

    /// <summary>Returns a request that is free, or a new one.</summary>
    public PendingRequest Rent() => _unused.TryDequeue(out var request) ? request : new PendingRequest(_unused.Enqueue);

    /// <summary>Puts a request at the end of the order. The caller holds the sender's lock, so that both orders are the same.</summary>
    public void Add(PendingRequest request)
    {
        lock (_lock)
        {
            _waiting.Enqueue(request);
            _pings += request.Message is Message.Ping ? 1 : 0;
        }
    }

    /// <summary>Completes the request that a message answers, and fails the requests that the answer has passed.</summary>
    /// <param name="message">A message of the server.</param>
    /// <param name="started">The timestamp at which the request was made.</param>
    /// <returns>False if the message answers no request.</returns>
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

    /// <summary>
    /// Fails the requests that were made at or before a timestamp. They keep their places, so that the answers of others never shift.
    /// </summary>
    /// <returns>
    /// Whether the caller of the first request has given up, so that only a Pong can tell whether its answer still comes.
    /// </returns>
    public bool Expire(long latest, Func<Exception> createError)
    {
        lock (_lock)
        {
            foreach (var request in _waiting)
            {
                if (request.Started <= latest && !request.IsCompleted)
                {
                    request.Fail(createError());
                }
            }

            return _waiting.TryPeek(out var first) && first is { Message: not (null or Message.Ping), IsCompleted: true };
        }
    }

    /// <summary>Removes all requests and fails them. The sender is closed before, so that nothing is added afterwards.</summary>
    public void FailAll(Func<PendingRequest, Exception> createError)
    {
        foreach (var request in TakeAll())
        {
            if (!request.IsCompleted)
            {
                request.Fail(createError(request));
            }

            Free(request);
        }
    }

    private static ProtocolClientException CreateUnanswered() =>
        new(ProtocolErrorKind.Protocol, "The server answered a later request and not this one.")
        {
            MayHaveBeenExecuted = true,
            IsUnanswered = true,
        };

    private void Free(PendingRequest request)
    {
        var holdsSlot = request.HoldsSlot; // read first: once it has left the order, the request may be in use again
        request.Leave();
        if (holdsSlot)
        {
            slotFreed();
        }
    }

    /// <summary>
    /// Removes the request that a message answers and all requests before it, which get no answer any more; or removes nothing. It removes
    /// them under one lock, so that no other answer is matched in between.
    /// </summary>
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

    /// <summary>Counts the requests before the one that a message answers. Returns -1 if the message answers none.</summary>
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

    // Answers come in order, so an answer to a later request shows that the requests before it get none. A Custom shows that only for
    // requests whose callers have given up, because a server may push a Custom at any time.
    private static bool MayBePassed(PendingRequest request, Message message) => message switch
    {
        Message.Pong => true,
        _ when request.Message is null => false, // the message may answer what was sent without waiting for an answer
        Message.Echo => true,
        _ => request.IsCompleted,
    };

    // All of them under one lock: if they were removed one by one, the receiver would meanwhile give an answer to the wrong request.
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
        _pings -= request.Message is Message.Ping ? 1 : 0;
        return request;
    }
}
