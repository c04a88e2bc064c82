namespace NetworkProtocol.Client;

/// <summary>The library's one exception for errors that arise outside of the program. <see cref="Kind"/> tells which error it is.</summary>
public sealed class ProtocolClientException : Exception
{
    /// <summary>Makes an error of kind <see cref="ProtocolErrorKind.Protocol"/> with a general message.</summary>
    public ProtocolClientException()
        : this(ProtocolErrorKind.Protocol, "The protocol was violated.")
    {
    }

    /// <summary>Makes an error of kind <see cref="ProtocolErrorKind.Protocol"/>.</summary>
    /// <param name="message">One sentence for people.</param>
    public ProtocolClientException(string message)
        : this(ProtocolErrorKind.Protocol, message)
    {
    }

    /// <summary>Makes an error of kind <see cref="ProtocolErrorKind.Protocol"/>.</summary>
    /// <param name="message">One sentence for people.</param>
    /// <param name="innerException">The cause, or null.</param>
    public ProtocolClientException(string message, Exception? innerException)
        : this(ProtocolErrorKind.Protocol, message, innerException)
    {
    }

    /// <summary>Makes an error of the given kind.</summary>
    /// <param name="kind">The kind of the error.</param>
    /// <param name="message">One sentence for people.</param>
    /// <param name="innerException">The cause. Default null: there is none.</param>
    public ProtocolClientException(ProtocolErrorKind kind, string message, Exception? innerException = null)
        : base(message, innerException) => Kind = kind;

    /// <summary>The kind of the error.</summary>
    public ProtocolErrorKind Kind { get; }

    /// <summary>
    /// Whether the server may have executed the request: at least a part of it was sent, and no answer came. For an ERROR answer
    /// (<see cref="ProtocolErrorKind.Remote"/>) this is false, and the server's text tells what happened.
    /// </summary>
    public bool MayHaveBeenExecuted { get; init; }

    /// <summary>
    /// The time after which another call makes sense, for <see cref="ProtocolErrorKind.BreakerOpen"/>: the time until the circuit
    /// breaker's next trial, and at least 100 ms. Null for all other kinds, and for a breaker that was isolated by hand.
    /// </summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the server answered a later request and not this one. Such a server works.</summary>
    internal bool IsUnanswered { get; init; }

    /// <summary>
    /// Whether the server sent Disconnect. Before a Disconnect, a server answers everything that it has read, so it has not executed a
    /// request that has no answer.
    /// </summary>
    internal bool IsDisconnect { get; init; }

    /// <summary>Whether no byte of the message was sent, so that sending the message on another connection does not repeat it.</summary>
    internal bool WasNeverSent { get; init; }

    /// <summary>Whether this is not the first error of one lost connection. The loss of one connection is one failure.</summary>
    internal bool IsRepeated { get; init; }

    /// <summary>Copies an error for one more receiver, because an exception that is thrown twice mixes the stack traces.</summary>
    internal static ProtocolClientException Copy(ProtocolClientException reason) => new(reason.Kind, reason.Message, reason)
    {
        IsDisconnect = reason.IsDisconnect,
    };

    /// <summary>
    /// Copies the error of a request that an earlier connection has already sent, and that the server may have executed then.
    /// </summary>
    internal static ProtocolClientException AfterEarlierSend(ProtocolClientException reason) => new(reason.Kind, reason.Message, reason)
    {
        MayHaveBeenExecuted = true,
        RetryAfter = reason.RetryAfter,
        IsRepeated = reason.IsRepeated,
    };

    /// <summary>Copies the reason of a connection's end for one of the requests that have no answer.</summary>
    internal static ProtocolClientException Copy(ProtocolClientException reason, bool wasNeverSent, bool isRepeated) =>
        new(reason.Kind, reason.Message, reason)
        {
            MayHaveBeenExecuted = !wasNeverSent && !reason.IsDisconnect,
            WasNeverSent = wasNeverSent,
            IsRepeated = isRepeated,
            IsDisconnect = reason.IsDisconnect,
        };
}
