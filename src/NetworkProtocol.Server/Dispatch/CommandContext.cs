using System.Text;
using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Messages;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Dispatch;

/// <summary>Answers a command: a message, or null for no answer.</summary>
/// <param name="context">The request.</param>
/// <param name="cancellationToken">Cancelled when the request takes too long or the client is gone.</param>
public delegate ValueTask<Message?> CommandHandler(CommandContext context, CancellationToken cancellationToken);

/// <summary>A command as a class: made for each request, with its dependencies, in a scope of its own.</summary>
public interface ICommandHandler
{
    /// <summary>Answers the command: a message, or null for no answer.</summary>
    ValueTask<Message?> HandleAsync(CommandContext context, CancellationToken cancellationToken);
}

/// <summary>One request.</summary>
public sealed class CommandContext
{
    internal CommandContext(string command, ReadOnlyMemory<byte> payload, Connection connection, IServiceProvider services)
    {
        Command = command;
        Payload = payload;
        Connection = connection;
        Services = services;
    }

    /// <summary>The command's name.</summary>
    public string Command { get; }

    /// <summary>The request's bytes: the handler's to keep.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>The payload as UTF-8 text.</summary>
    public string Text => Encoding.UTF8.GetString(Payload.Span);

    /// <summary>Who asks: address, transport, verified certificate.</summary>
    public Connection Connection { get; }

    /// <summary>Services of this request's scope.</summary>
    public IServiceProvider Services { get; }

    /// <summary>An answer with the same command and a text.</summary>
    public Message Reply(string text) => new Message.Custom(Command, Encoding.UTF8.GetBytes(text));

    /// <summary>An answer with the same command and bytes.</summary>
    public Message Reply(ReadOnlyMemory<byte> payload) => new Message.Custom(Command, payload);
}
