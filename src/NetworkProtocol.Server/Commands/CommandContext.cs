using System.Text;
using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Messages;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Push;

namespace NetworkProtocol.Server.Commands;

/// <summary>One request. The object serves the connection's next request, too: do not keep it after the answer.</summary>
public sealed class CommandContext
{
    private readonly IServiceScopeFactory _scopes;
    private readonly Groups _groups;
    private AsyncServiceScope? _scope;
    private Command? _command;

    internal CommandContext(Connection connection, IServiceScopeFactory scopes, Groups groups)
    {
        Connection = connection;
        _scopes = scopes;
        _groups = groups;
    }

    /// <summary>The command's name.</summary>
    public string Command => _command!.Name;

    /// <summary>The request's bytes. The handler may keep them, unless it is a <see cref="BorrowingCommandHandler"/>.</summary>
    public ReadOnlyMemory<byte> Payload { get; private set; }

    /// <summary>The payload as UTF-8 text.</summary>
    public string Text => Encoding.UTF8.GetString(Payload.Span);

    /// <summary>The connection that the request arrived on: address, transport, identity.</summary>
    public Connection Connection { get; }

    /// <summary>The services of this request's scope, which is created at the first use.</summary>
    public IServiceProvider Services => (_scope ??= _scopes.CreateAsyncScope()).ServiceProvider;

    /// <summary>The groups of the connection. A connection that joins a group takes pushed messages.</summary>
    public IConnectionGroups Groups => field ??= new ConnectionGroups(Connection, _groups);

    /// <summary>Lets the connection take pushed messages (<see cref="IClients"/>), because its client wants them.</summary>
    public void AcceptPush() => _groups.Open(Connection);

    /// <summary>What <see cref="CommandConventions.WithMetadata"/> has added; the metadata of groups comes first.</summary>
    public IReadOnlyList<object> Metadata => _command!.Metadata;

    /// <summary>The last object of a type in <see cref="Metadata"/>, or null.</summary>
    public T? GetMetadata<T>()
        where T : class => Metadata.OfType<T>().LastOrDefault();

    /// <summary>An answer with the same command and a text.</summary>
    public Message Reply(string text) => new Message.Custom(Command, Encoding.UTF8.GetBytes(text));

    /// <summary>An answer with the same command and bytes.</summary>
    public Message Reply(ReadOnlyMemory<byte> payload) => new Message.Custom(Command, payload);

    internal void Begin(Command command, ReadOnlyMemory<byte> payload)
    {
        _command = command;
        Payload = payload;
    }

    /// <summary>Ends the scope, if there is one.</summary>
    internal ValueTask EndAsync()
    {
        if (_scope is not { } scope)
        {
            return ValueTask.CompletedTask;
        }

        _scope = null;
        return scope.DisposeAsync();
    }

    /// <summary>Releases the payload, which an idle connection must not keep in memory.</summary>
    internal void Clear() => Payload = default;
}
