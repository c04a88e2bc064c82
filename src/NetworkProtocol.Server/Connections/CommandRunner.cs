using NetworkProtocol.Security;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Dispatch;

namespace NetworkProtocol.Server.Connections;

/// <summary>Waits for a session's handlers, and keeps the connection alive meanwhile.</summary>
internal sealed class CommandRunner(
    SessionOutput output, Connection connection, SecureChannel? channel, Dispatcher dispatcher, ServerMetrics metrics, TimeProvider time)
{
    public async ValueTask RunAsync(Request request)
    {
        if (!await output.FlushAsync()) // what is answered already must not wait for a handler
        {
            return;
        }

        var started = time.GetTimestamp();
        connection.RunningCommand = request.Command.Name;
        var task = dispatcher.RunAsync(request, connection, connection.BeginRequest(started));
        await WaitAsync(task);
        if (connection.Aborted)
        {
            return;
        }

        var answer = connection.RequestTimedOut ? dispatcher.TimedOut(request, connection) : await task;
        if (answer is not null)
        {
            output.Write(dispatcher.Fit(answer, connection, channel));
        }

        var now = time.GetTimestamp();
        connection.EndRequest(now);
        metrics.Command(request.Command.Name).Observe(time.GetElapsedTime(started, now).TotalSeconds);
    }

    private async ValueTask WaitAsync(Task task)
    {
        while (!task.IsCompleted)
        {
            var nudge = connection.NextNudge();
            if (!connection.RequestTimedOut && !connection.Aborted && !connection.PingDue)
            {
                await Task.WhenAny(task, nudge);
            }

            if (connection.RequestTimedOut || connection.Aborted)
            {
                return; // a handler that ignores its cancellation is left to itself
            }

            if (connection.PingDue)
            {
                output.WritePing();
                await output.FlushAsync();
            }
        }
    }
}
