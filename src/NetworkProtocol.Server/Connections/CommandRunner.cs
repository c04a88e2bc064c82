using NetworkProtocol.Messages;
using NetworkProtocol.Security;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Dispatch;
using NetworkProtocol.Server.Limits;

namespace NetworkProtocol.Server.Connections;

/// <summary>Runs a session's handlers, one at a time, and keeps the connection alive meanwhile.</summary>
internal sealed class CommandRunner(
    SessionOutput output, Connection connection, SecureChannel? channel, BufferShare share, Dispatcher dispatcher, ServerMetrics metrics,
    TimeProvider time)
{
    private static readonly Task<Message?> None = Task.FromResult<Message?>(null);

    private Task<Message?> _handler = None;

    /// <summary>Runs a handler and writes its answer; false if the connection has ended.</summary>
    public async ValueTask<bool> RunAsync(Request request)
    {
        if (!await output.FlushAsync()) // what is answered already must not wait for a handler
        {
            return false;
        }

        var started = time.GetTimestamp();
        if (!connection.Request.TryBegin(request.Command.Name, started, out var cancellationToken))
        {
            return false;
        }

        // A handler that ignored its cancellation may still run, and the next one must not run beside it.
        var begins = await EndsInTimeAsync(_handler);
        if (begins)
        {
            _handler = dispatcher.RunAsync(request, connection, cancellationToken);
        }

        var ended = false;
        try
        {
            ended = begins && await EndsInTimeAsync(_handler);
        }
        finally
        {
            share.ReleaseRequestAfter(begins ? _handler : None);
        }

        if (connection.Aborted)
        {
            return false;
        }

        var answer = ended ? await _handler : dispatcher.TimedOut(request, connection, begins);
        if (answer is not null)
        {
            output.Write(dispatcher.Fit(answer, connection, channel));
        }

        if (ended)
        {
            _handler = None; // its answer must not outlive it here: nobody is charged for it
        }

        var now = time.GetTimestamp();
        connection.EndRequest(now);
        metrics.Command(request.Command.Name).Observe(time.GetElapsedTime(started, now).TotalSeconds);
        return true;
    }

    /// <summary>Waits for a handler; false if the request timed out or the connection was aborted before it ended.</summary>
    private async ValueTask<bool> EndsInTimeAsync(Task handler)
    {
        while (!IsGivenUp && !handler.IsCompleted)
        {
            var nudge = connection.NextNudge();
            if (!IsGivenUp && !connection.PingDue)
            {
                await Task.WhenAny(handler, nudge);
            }

            if (!IsGivenUp && connection.PingDue)
            {
                output.WritePing();
                await output.FlushAsync();
            }
        }

        return !IsGivenUp;
    }

    private bool IsGivenUp => connection.Request.IsTimedOut || connection.Aborted;
}
