using System.Runtime.CompilerServices;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Client.Pool;

/// <summary>
/// Sends a request over a connection of the pool, and again over another connection if the first attempt was never sent, if the server has
/// certainly not executed it, or if the caller says that the server may execute it twice.
/// </summary>
internal sealed class RequestRetry(ProtocolClientOptions options, ConnectionPool pool)
{
    private TimeProvider Time => options.Connection.TimeProvider;

    /// <summary>
    /// Returns the answer. The runtime's pooling builder makes the <see cref="ValueTask{T}"/>, and code that blocks on such a task can end
    /// the process. So only code that awaits it once may have it, and callers of the library get a <see cref="Connections.ReusableCall"/>.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Message> RequestAsync(Message message, RequestOptions request, CancellationToken cancellationToken)
    {
        var started = Time.GetTimestamp();
        var mayHaveBeenExecuted = false;
        for (var sends = 1; ; sends++)
        {
            try
            {
                var pooled = await pool.TakeAsync(started, allowTrial: true, cancellationToken).ConfigureAwait(false);
                return await pooled.RequestAsync(message, started, cancellationToken).ConfigureAwait(false);
            }
            catch (ProtocolClientException e) when (e.WasNeverSent || (MayRetry(e, request, started) && sends < options.MaxSends))
            {
                sends -= e.WasNeverSent ? 1 : 0;
                mayHaveBeenExecuted |= e.MayHaveBeenExecuted;
            }
            catch (ProtocolClientException e) when (e.Kind == ProtocolErrorKind.BreakerOpen && request.Fallback is not null)
            {
                return await request.Fallback(e, cancellationToken).ConfigureAwait(false);
            }
            catch (ProtocolClientException e) when (e.Kind == ProtocolErrorKind.BreakerOpen
                && options.WhenDisconnected == WhenDisconnected.Buffer && HasTimeLeft(started))
            {
                sends--;
                cancellationToken.ThrowIfCancellationRequested();
                await Task.Yield(); // another request is the trial, and the pool lets this one wait for its outcome
            }
            catch (ProtocolClientException e) when (mayHaveBeenExecuted && !e.MayHaveBeenExecuted)
            {
                throw ProtocolClientException.AfterEarlierSend(e);
            }
        }
    }

    private bool MayRetry(ProtocolClientException error, RequestOptions request, long started) =>
        (request.Idempotent || error.IsDisconnect)
        && error.Kind == ProtocolErrorKind.Closed && pool.Closed is null && HasTimeLeft(started);

    private bool HasTimeLeft(long started) =>
        options.Connection.RequestTimeout == Timeout.InfiniteTimeSpan || Time.GetElapsedTime(started) < options.Connection.RequestTimeout;
}
