using System.Runtime.CompilerServices;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Client.Pool;

/// <summary>
/// An open connection of the pool. It reports the outcome of each request to the circuit breaker of its server, and tells whether it is
/// healthy.
/// </summary>
internal sealed class PooledConnection(ProtocolConnection connection, ServerEntry server, TimeProvider time)
{
    private long _suspectSince;
    private int _hasEnded;
    private bool _isUsed;
    private long _lastUsed = time.GetTimestamp();

    public ProtocolConnection Connection { get; } = connection;

    public ServerEntry Server { get; } = server;

    /// <summary>The timestamp at which the connection was opened.</summary>
    public long Opened { get; } = time.GetTimestamp();

    /// <summary>Whether requests may use the connection. After a request has timed out, the server has to send something first.</summary>
    public bool IsHealthy => Connection.IsOpen && UnhealthySince is null;

    /// <summary>
    /// The timestamp at which a request timed out, if the server has sent nothing since then. Null if the connection is healthy.
    /// </summary>
    public long? UnhealthySince =>
        Volatile.Read(ref _suspectSince) is not 0 and var since && Connection.LastReceived < since ? since : null;

    /// <summary>Notes that a caller uses the connection, so that it does not count as idle.</summary>
    public void Use() => _isUsed = true;

    /// <summary>Returns true to the first caller that notices the connection's end, and false to all others.</summary>
    public bool TryEnd() => Interlocked.Exchange(ref _hasEnded, 1) == 0;

    /// <summary>Returns the timestamp since which the connection is idle. The result is only correct if this is called regularly.</summary>
    public long IdleSince(long now)
    {
        if (_isUsed || Connection.RequestsInFlight > 0)
        {
            _isUsed = false;
            _lastUsed = now;
        }

        return _lastUsed;
    }

    /// <summary>
    /// Sends a request, as the trial if the breaker is not closed. The runtime's pooling builder makes the <see cref="ValueTask{T}"/>, so
    /// only code that awaits it once and at once may call this.
    /// </summary>
    public ValueTask<Message> RequestAsync(Message message, long started, CancellationToken cancellationToken) =>
        Server.Breaker.State == BreakerState.Closed
            ? RequestWhileClosedAsync(message, started, cancellationToken)
            : RequestAsTrialAsync(message, started, cancellationToken);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Message> RequestWhileClosedAsync(Message message, long started, CancellationToken cancellationToken)
    {
        try
        {
            Use();
            var answer = await Connection.RequestAsync(message, started, cancellationToken).ConfigureAwait(false);
            Server.Breaker.Succeeded();
            return answer;
        }
        catch (ProtocolClientException e)
        {
            Server.Breaker.Failed(e);
            SuspectAfterTimeout(e);
            throw;
        }
    }

    private ValueTask<Message> RequestAsTrialAsync(Message message, long started, CancellationToken cancellationToken) =>
        Server.Breaker.ExecuteAsync(
            static async (request, token) =>
            {
                try
                {
                    return await request.Pooled.Connection.RequestAsync(request.Message, request.Started, token).ConfigureAwait(false);
                }
                catch (ProtocolClientException e)
                {
                    request.Pooled.SuspectAfterTimeout(e);
                    throw;
                }
            },
            (Pooled: this, Message: message, Started: started),
            cancellationToken);

    private void SuspectAfterTimeout(ProtocolClientException error)
    {
        if (error.Kind == ProtocolErrorKind.Timeout)
        {
            Volatile.Write(ref _suspectSince, time.GetTimestamp());
        }
    }
}
