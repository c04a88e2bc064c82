namespace NetworkProtocol.Client;

/// <summary>The one exception of this library for what goes wrong outside of the program; <see cref="Kind"/> tells what.</summary>
public sealed class ProtocolClientException : Exception
{
    /// <summary>An error of kind <see cref="ProtocolErrorKind.Protocol"/> with a general message.</summary>
    public ProtocolClientException()
        : this(ProtocolErrorKind.Protocol, "The protocol was violated.")
    {
    }

    /// <summary>An error of kind <see cref="ProtocolErrorKind.Protocol"/>.</summary>
    /// <param name="message">One sentence for a person.</param>
    public ProtocolClientException(string message)
        : this(ProtocolErrorKind.Protocol, message)
    {
    }

    /// <summary>An error of kind <see cref="ProtocolErrorKind.Protocol"/>.</summary>
    /// <param name="message">One sentence for a person.</param>
    /// <param name="innerException">The cause; null if there is none.</param>
    public ProtocolClientException(string message, Exception? innerException)
        : this(ProtocolErrorKind.Protocol, message, innerException)
    {
    }

    /// <summary>An error of the given kind.</summary>
    /// <param name="kind">What kind of thing went wrong.</param>
    /// <param name="message">One sentence for a person.</param>
    /// <param name="innerException">The cause. Default null: none.</param>
    public ProtocolClientException(ProtocolErrorKind kind, string message, Exception? innerException = null)
        : base(message, innerException) => Kind = kind;

    /// <summary>What kind of thing went wrong.</summary>
    public ProtocolErrorKind Kind { get; }

    /// <summary>
    /// Whether the server may have executed the request: it was sent, or begun to be, and no answer came. False also for an
    /// answer that is an error (<see cref="ProtocolErrorKind.Remote"/>), where the server's text tells.
    /// </summary>
    public bool MayHaveBeenExecuted { get; init; }

    /// <summary>
    /// When to try again, for <see cref="ProtocolErrorKind.BreakerOpen"/>: once the circuit breaker lets a trial through, and after 100 ms
    /// at least, as while a trial is under way; null otherwise, and for a breaker that was isolated by hand.
    /// </summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Set when the server has executed a request, as far as one can see, and answered nothing: it works.</summary>
    internal bool IsUnanswered { get; init; }

    /// <summary>Set when the server has said Disconnect: what it had read by then is answered.</summary>
    internal bool IsGoodbye { get; init; }

    /// <summary>Set when not a byte of the message has left: sending it on another connection is the first time.</summary>
    internal bool WasNeverSent { get; init; }

    /// <summary>Set on all requests of a lost connection but the first: one loss is one failure.</summary>
    internal bool IsRepeated { get; init; }

    /// <summary>One for each who is told: an exception that is shared would mix their stacks.</summary>
    internal static ProtocolClientException Copy(ProtocolClientException reason) => new(reason.Kind, reason.Message, reason)
    {
        IsGoodbye = reason.IsGoodbye,
    };

    /// <summary>The same of a request that was sent before, when the server may have executed it.</summary>
    internal static ProtocolClientException AfterEarlierSend(ProtocolClientException reason) => new(reason.Kind, reason.Message, reason)
    {
        MayHaveBeenExecuted = true,
        RetryAfter = reason.RetryAfter,
        IsRepeated = reason.IsRepeated,
    };

    /// <summary>One for each request that a connection leaves without an answer.</summary>
    internal static ProtocolClientException Copy(ProtocolClientException reason, bool wasNeverSent, bool isRepeated) =>
        new(reason.Kind, reason.Message, reason)
        {
            MayHaveBeenExecuted = !wasNeverSent && !reason.IsGoodbye,
            WasNeverSent = wasNeverSent,
            IsRepeated = isRepeated,
            IsGoodbye = reason.IsGoodbye,
        };
}
