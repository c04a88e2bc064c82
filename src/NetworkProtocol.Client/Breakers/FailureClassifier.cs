namespace NetworkProtocol.Client.Breakers;

/// <summary>Decides what a circuit breaker learns from the exception of a call.</summary>
internal static class FailureClassifier
{
    /// <summary>
    /// Whether the exception shows a server that works. A server that answers with ERROR works, and so does a server that leaves one
    /// request without an answer and then answers the next one.
    /// </summary>
    public static bool ShowsWorkingServer(Exception error) =>
        error is ProtocolClientException e && (e.Kind == ProtocolErrorKind.Remote || e.IsUnanswered);

    /// <summary>
    /// Whether the exception counts as a failure. Every exception does, except a cancellation, an exception that shows a working server,
    /// a server's Disconnect, a call that this side did not make (an open breaker, an exhausted pool), and all requests of a lost
    /// connection but the first, because the loss of one connection is one failure.
    /// </summary>
    public static bool IsFailure(Exception error) => error switch
    {
        OperationCanceledException => false,
        ProtocolClientException e => !e.IsRepeated && !e.IsDisconnect && !ShowsWorkingServer(e)
            && e.Kind is not (ProtocolErrorKind.BreakerOpen or ProtocolErrorKind.PoolExhausted),
        _ => true,
    };
}
