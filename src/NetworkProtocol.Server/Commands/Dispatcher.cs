using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Messages;
using NetworkProtocol.Security;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Push;

namespace NetworkProtocol.Server.Commands;

/// <summary>Finds the command of a Custom message, and turns every outcome of its handler into one answer.</summary>
internal sealed class Dispatcher(
    CommandTable commands, IServiceScopeFactory scopes, Groups groups, IOptions<ServerOptions> options, ErrorLog errors,
    ILogger<Dispatcher> logger)
{
    private const int ShownNameLength = 64;
    private const int ShownErrorLength = 500;

    public int MaxPayloadBytes { get; } = options.Value.MaxPayloadBytes;

    public CommandContext CreateContext(Connection connection) => new(connection, scopes, groups);

    public TimeSpan TimeoutOf(Command command) => command.Timeout ?? options.Value.RequestTimeout;

    /// <summary>Finds the command of a message, if its client may send it.</summary>
    public bool TryFind(MessageView message, Connection connection, out Command? command, out string? traceParent, out Message? error)
    {
        error = null;
        traceParent = null;
        var name = message.Text;
        if (!commands.TryGet(name, out command)
            && !(TraceContext.TryCut(ref name, out traceParent) && commands.TryGet(name, out command)))
        {
            var shown = Encoding.UTF8.GetString(name[..Math.Min(name.Length, ShownNameLength)]);
            error = Error(ErrorKinds.UnknownCommand, connection, $"Unknown command: {shown}");
            return false;
        }

        if (Refuse(command, connection) is { } refusal)
        {
            error = Error(ErrorKinds.CommandRefused, connection, refusal);
            return false;
        }

        if (message.Body.Length > command.MaxPayloadBytes)
        {
            error = Error(
                ErrorKinds.BadPayload,
                connection,
                $"Command {command.Name} takes at most {command.MaxPayloadBytes} bytes; this payload has {message.Body.Length}");
            return false;
        }

        return true;
    }

    private string? Refuse(Command command, Connection connection)
    {
        try
        {
            return command.Refuse(connection);
        }
#pragma warning disable CA1031 // A requirement may be the program's own code: if it throws, its request fails and the connection goes on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.CommandFailed(logger, e, command.Name);
            return $"Command {command.Name} failed";
        }
    }

    /// <summary>Runs a handler. If it fails, the answer is ERROR.</summary>
    public async ValueTask<Message?> RunAsync(CommandRun run)
    {
        var (command, context) = (run.Command, run.Context);
        if (run.Token.IsCancellationRequested)
        {
            return null; // the connection was aborted before the handler began
        }

        using var activity = TraceContext.Start(command.Name, run.TraceParent);
        try
        {
            var answer = command.Borrowing is { } borrowing ? run.Borrow(borrowing)
                : command.Batch is { } batch ? await run.AnswerTogetherAsync(batch)
                : await command.Handler(context, run.Token);
            await context.EndAsync();
            return IsIncomplete(answer)
                ? throw new InvalidOperationException("The answer has no command, or no text.")
                : answer;
        }
        catch (OperationCanceledException) when (run.Token.IsCancellationRequested)
        {
            return await EndAsync(run, null); // the code that cancelled the request writes its answer
        }
        catch (PayloadException e)
        {
            return await EndAsync(run, Error(ErrorKinds.BadPayload, context.Connection, $"Command {command.Name}: {Shorten(e.Message)}"));
        }
#pragma warning disable CA1031 // An exception of a handler must fail only its request.
        catch (Exception e)
#pragma warning restore CA1031
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            return await EndAsync(run, Failed(run, e));
        }
    }

    /// <summary>Whether an answer cannot be encoded.</summary>
    public static bool IsIncomplete(Message? answer) => answer is Message.Custom { Command: null } or Message.Echo { Text: null };

    public Message TimedOut(CommandRun run, bool began)
    {
        var name = run.Command.Name;
        Log.CommandTimedOut(logger, name, TimeoutOf(run.Command));
        return Error(ErrorKinds.RequestTimeout, run.Context.Connection, began
            ? $"Command {name} took too long"
            : $"Command {name} was not run: the command before it has not ended yet");
    }

    /// <summary>Whether a packet can carry an answer of this length.</summary>
    public static bool Fits(int encodedLength, SecureChannel? channel) =>
        encodedLength <= Packets.PacketHeader.MaxPayloadLength - (channel is null ? 0 : SecureChannel.Overhead);

    /// <summary>The answer in place of one that no packet can carry.</summary>
    public Message TooLarge(Connection connection) =>
        Error(ErrorKinds.AnswerTooLarge, connection, "The answer is larger than a packet can carry");

    private async ValueTask<Message?> EndAsync(CommandRun run, Message? answer)
    {
        try
        {
            await run.Context.EndAsync();
            return answer;
        }
#pragma warning disable CA1031 // A service of the request's scope may throw when it is disposed, which must fail only the request.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return Failed(run, e);
        }
    }

    private Message.Custom Failed(CommandRun run, Exception e)
    {
        var name = run.Command.Name;
        errors.Add(ErrorKinds.Handler, run.Context.Connection, $"Command {name} failed: {Shorten(e.Message)}");
        Log.CommandFailed(logger, e, name);
        return Failed(run.Command);
    }

    /// <summary>The answer of a command that failed. It does not tell the client why.</summary>
    public static Message.Custom Failed(Command command) => Message.Custom.Error($"Command {command.Name} failed");

    private Message.Custom Error(string kind, Connection connection, string text)
    {
        errors.Add(kind, connection, text);
        return Message.Custom.Error(text);
    }

    // The server keeps ten thousand errors, so each must be short.
    private static string Shorten(string? text) =>
        text is null ? "" : text.Length <= ShownErrorLength ? text : text[..ShownErrorLength] + "…";
}
