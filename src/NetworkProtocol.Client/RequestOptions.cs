using NetworkProtocol.Messages;

namespace NetworkProtocol.Client;

/// <summary>What a caller says of one request.</summary>
public readonly record struct RequestOptions
{
    /// <summary>A request that may be executed twice: it is sent again when its connection is lost before the answer has come.</summary>
    public static RequestOptions Repeatable => new() { Idempotent = true };

    /// <summary>
    /// Whether the server may execute the request twice without harm. Only then is one sent again that it may have executed. Default false.
    /// </summary>
    public bool Idempotent { get; init; }

    /// <summary>Gives an answer in place of the server's while the circuit breaker is open. Default null: the request fails.</summary>
    public Func<ProtocolClientException, CancellationToken, ValueTask<Message>>? Fallback { get; init; }
}
