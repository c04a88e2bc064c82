using NetworkProtocol.Messages;
using NetworkProtocol.Security;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Memory;
using NetworkProtocol.Server.Wire;

namespace NetworkProtocol.Server.Commands;

/// <summary>
/// Runs a connection's commands, one at a time: begins a request, waits for its handler, writes the answer or gives the handler up. The
/// connection's loop calls it; <see cref="HandlerThread"/> runs the handlers.
/// </summary>
internal sealed class CommandRunner(
    PacketOutput output, Connection connection, SecureChannel? channel, BufferShare share, Dispatcher dispatcher, TimeProvider time)
{
    private readonly HandlerThread _thread = new();
    private CommandRun? _run;
    private CommandRun? _overdue;
    private long _started;
    private bool _isStarted;
    private volatile bool _isLate;

    /// <summary>Takes a copy of the payload of the command that runs next.</summary>
    public void Prepare(Command command, ReadOnlySpan<byte> payload, string? traceParent, long now)
    {
        _started = now;
        _run ??= new CommandRun(dispatcher.CreateContext(connection), dispatcher, _thread, time);
        _run.Prepare(command, payload, traceParent);
    }

    /// <summary>Adds a request to the prepared batch.</summary>
    public void Add(ReadOnlySpan<byte> payload) => _run!.Add(payload);

    /// <summary>The prepared command.</summary>
    public Command Command => _run!.Command;

    /// <summary>The length of the first payload.</summary>
    public long PayloadBytes => _run!.Context.Payload.Length;

    /// <summary>The number of requests that the prepared command answers.</summary>
    public int Count => _run!.Count;

    /// <summary>Whether the answers before the prepared command can wait for its own.</summary>
    public bool IsQuick => _run!.Command.IsQuick;

    /// <summary>Begins the prepared command; false if the connection was aborted.</summary>
    /// <param name="hasWaited">Whether answers were sent before it: that time does not count for the command.</param>
    public bool TryBegin(bool hasWaited)
    {
        var run = _run!;
        connection.Runner = this;
        _isStarted = _isLate = false;
        if (hasWaited)
        {
            _started = time.GetTimestamp();
        }

        if (!connection.Request.TryBegin(run.Command.Name, _started, dispatcher.TimeoutOf(run.Command), out var cancellationToken))
        {
            return false;
        }

        run.Begin(cancellationToken);
        StartIfAlone();
        return true;
    }

    /// <summary>
    /// Starts the handler as soon as the one before it has ended. Returns whether the loop has to wait, with <see cref="WakeUpAsync"/>, and
    /// to call this again.
    /// </summary>
    public bool MustWait() => !IsGivenUp && !StartIfAlone().HasEnded;

    /// <summary>Whether the loop has something to send to the client meanwhile.</summary>
    public bool HasToFlush => !_isStarted || connection.Activity.PingDue || _isLate || (_run!.IsPending && !IsQuick);

    /// <summary>Completes when something has happened that the loop has to look at.</summary>
    public ValueTask WakeUpAsync() => _thread.WaitAsync();

    /// <summary>Writes the answer; false if the connection has ended.</summary>
    public bool End()
    {
        var run = _run!;
        var count = run.Count;
        GiveUpUnlessEnded(run);
        if (connection.Aborted)
        {
            return false;
        }

        var now = run.HasEnded ? run.EndedAt : time.GetTimestamp();
        if (connection.Request.IsTimedOut) // the handler may have ended, without an answer, because its token was cancelled
        {
            if (_isStarted)
            {
                run.Command.NoteDuration(TimeSpan.MaxValue);
            }

            var error = dispatcher.TimedOut(run, _isStarted);
            for (var i = 0; i < count; i++)
            {
                output.Write(error, now);
            }
        }
        else
        {
            run.Command.NoteDuration(time.GetElapsedTime(run.StartedAt, now));
            for (var i = 0; i < count; i++)
            {
                WriteAnswer(run, run.Answers is { } answers ? answers[i] : run.Answer, now);
            }
        }

        if (run.HasEnded)
        {
            run.Clear();
        }

        connection.EndRequest(now);
        for (var i = 0; i < count; i++)
        {
            run.Command.Durations.Record(time.GetElapsedTime(_started, now));
        }

        return true;
    }

    /// <summary>Gives up the handler that still runs, because the loop has ended.</summary>
    public void GiveUp()
    {
        if (_run is { } run)
        {
            GiveUpUnlessEnded(run);
        }
    }

    /// <summary>Has the loop send the answers that it has kept back because the handler was expected to be quick.</summary>
    public void FlushLate()
    {
        _isLate = true;
        Wake();
    }

    /// <summary>Wakes the loop if it waits for a handler.</summary>
    public void Wake() => _thread.Wake();

    private bool IsGivenUp => connection.Request.IsTimedOut || connection.Aborted;

    // A handler that ignored its cancellation may still run, and two handlers of one connection must not run at once.
    private CommandRun StartIfAlone()
    {
        var run = _run!;
        if (!_isStarted && _overdue is null or { HasEndedLate: true })
        {
            _overdue = null;
            _isStarted = true;
            _thread.Start(run);
        }

        return run;
    }

    private void GiveUpUnlessEnded(CommandRun run)
    {
        if (run.HasEnded)
        {
            share.Release(BufferUse.Request);
            return;
        }

        _run = null; // it belongs to its handler from now on
        if (run.GiveUp(share))
        {
            _overdue = run;
        }
    }

    private void WriteAnswer(CommandRun run, Message? message, long now)
    {
        if (run.AnswerBytes is { } bytes)
        {
            WriteCustom(run.Command.Name, bytes.Span, now);
        }
        else if (message is Message.Custom custom)
        {
            WriteCustom(custom.Command, custom.Payload.Span, now);
        }
        else if (message is { } answer)
        {
            output.Write(Dispatcher.Fits(MessageEncoder.GetLength(answer), channel) ? answer : dispatcher.TooLarge(connection), now);
        }
    }

    private void WriteCustom(string command, ReadOnlySpan<byte> payload, long now)
    {
        if (Dispatcher.Fits(MessageEncoder.GetCustomLength(command, payload), channel))
        {
            output.WriteCustom(command, payload, now);
        }
        else
        {
            output.Write(dispatcher.TooLarge(connection), now);
        }
    }
}
