using NetworkProtocol.Messages;

namespace NetworkProtocol.Client;

/// <summary>Options of one request.</summary>
public readonly record struct RequestOptions
{
    /// <summary>
    /// Options with <see cref="Idempotent"/> set: the client sends the request again if its connection is lost before the answer comes.
    /// </summary>
    public static RequestOptions Repeatable => new() { Idempotent = true };

    /// <summary>
    /// Whether the server may execute the request twice without harm. Only then does the client send the request again when the server
    /// may already have executed it (<see cref="ProtocolClientOptions.MaxSends"/>). Default false.
    /// </summary>
    public bool Idempotent { get; init; }

    /// <summary>
    /// Makes an answer in place of the server's when the request fails with <see cref="ProtocolErrorKind.BreakerOpen"/>. Default null: the
    /// request fails.
    /// </summary>
    public Func<ProtocolClientException, CancellationToken, ValueTask<Message>>? Fallback { get; init; }
}
