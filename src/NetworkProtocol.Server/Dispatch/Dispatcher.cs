using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Messages;
using NetworkProtocol.Security;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Server.Dispatch;

/// <summary>A command and its payload, taken out of the connection's buffers.</summary>
internal readonly record struct Request(Command Command, ReadOnlyMemory<byte> Payload, string? TraceParent);

/// <summary>From a Custom message to its handler, and from whatever the handler does to one answer.</summary>
internal sealed class Dispatcher(
    CommandTable commands,
    IServiceScopeFactory scopes,
    IOptions<ServerOptions> options,
    ErrorLog errors,
    ILogger<Dispatcher> logger)
{
    private const int ShownNameLength = 64;
    private const int ShownErrorLength = 500;

    public int MaxPayloadBytes { get; } = options.Value.MaxPayloadBytes;

    public bool TryFind(MessageView message, Connection connection, out Request request, out Message? error)
    {
        request = default;
        error = null;
        var name = message.Text;
        string? traceParent = null;
        if (!commands.TryGet(name, out var command)
            && !(TraceContext.TryCut(ref name, out traceParent) && commands.TryGet(name, out command)))
        {
            var text = $"Unknown command: {Encoding.UTF8.GetString(name[..Math.Min(name.Length, ShownNameLength)])}";
            errors.Add(ErrorKinds.UnknownCommand, connection, text);
            error = Message.Custom.Error(text);
            return false;
        }

        request = new Request(command, message.Body.ToArray(), traceParent);
        return true;
    }

    /// <summary>Runs a handler; one that fails is answered with ERROR.</summary>
    public async Task<Message?> RunAsync(Request request, Connection connection, CancellationToken cancellationToken)
    {
        // A handler that blocks must hold up its own connection alone.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (cancellationToken.IsCancellationRequested)
        {
            return null; // the connection was aborted before the handler began
        }

        using var activity = TraceContext.Start(request);
        var scope = scopes.CreateAsyncScope();
        await using (scope)
        {
            try
            {
                var context = new CommandContext(request.Command.Name, request.Payload, connection, scope.ServiceProvider);
                return await request.Command.Handler(context, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return null; // whoever cancelled it knows what to answer
            }
#pragma warning disable CA1031 // Whatever a handler throws hurts nobody but its request.
            catch (Exception e)
#pragma warning restore CA1031
            {
                errors.Add(ErrorKinds.Handler, connection, $"Command {request.Command.Name} failed: {Shorten(e.Message)}");
                activity?.SetStatus(System.Diagnostics.ActivityStatusCode.Error, e.Message);
                Log.CommandFailed(logger, e, request.Command.Name);
                return Message.Custom.Error($"Command {request.Command.Name} failed");
            }
        }
    }

    public Message TimedOut(Request request, Connection connection, bool began)
    {
        var text = began
            ? $"Command {request.Command.Name} took too long"
            : $"Command {request.Command.Name} was not run: the command before it has not ended yet";
        errors.Add(ErrorKinds.RequestTimeout, connection, text);
        Log.CommandTimedOut(logger, request.Command.Name, options.Value.RequestTimeout);
        return Message.Custom.Error(text);
    }

    /// <summary>An answer that no packet can carry becomes an ERROR.</summary>
    public Message Fit(Message answer, Connection connection, SecureChannel? channel)
    {
        var room = Packets.PacketHeader.MaxPayloadLength - (channel is null ? 0 : SecureChannel.Overhead);
        if (MessageEncoder.GetLength(answer) <= room)
        {
            return answer;
        }

        const string Text = "The answer is larger than a packet can carry";
        errors.Add(ErrorKinds.AnswerTooLarge, connection, Text);
        return Message.Custom.Error(Text);
    }

    // Ten thousand errors are kept, so none may be long.
    private static string Shorten(string text) => text.Length <= ShownErrorLength ? text : text[..ShownErrorLength] + "…";
}
