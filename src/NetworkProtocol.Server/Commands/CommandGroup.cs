using Microsoft.Extensions.DependencyInjection;

namespace NetworkProtocol.Server.Commands;

/// <summary>
/// The commands that are mapped through this object: their names begin with its prefix, and its conventions apply to them. A command that
/// is mapped elsewhere is not in the group, even if its name begins with the prefix.
/// </summary>
public sealed class CommandGroup : ICommandConventionBuilder
{
    private readonly CommandTable _table;
    private readonly CommandGroup? _parent;
    private readonly ConventionList _conventions;

    internal CommandGroup(CommandTable table, string prefix, CommandGroup? parent = null)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        _table = table;
        _parent = parent;
        _conventions = new ConventionList(table);
        Prefix = parent?.Prefix + prefix;
    }

    /// <summary>The prefix of the names of its commands.</summary>
    public string Prefix { get; }

    /// <inheritdoc/>
    public void Add(Action<CommandOptions> convention) => _conventions.Add(convention);

    /// <summary>A group within this one.</summary>
    /// <param name="prefix">The part after this group's prefix; may be empty.</param>
    public CommandGroup MapCommandGroup(string prefix) => new(_table, prefix, this);

    /// <summary>Answers a command with a function.</summary>
    /// <exception cref="ArgumentException">The whole name is empty, longer than 64 characters, <c>ERROR</c>, or mapped already.</exception>
    /// <exception cref="InvalidOperationException">The server has started.</exception>
    public CommandBuilder MapCommand(string name, CommandHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Map(name, options => Command.Create(options, handler));
    }

    /// <summary>Answers a command at once from a payload that the function only borrows.</summary>
    /// <exception cref="ArgumentException">The whole name is empty, longer than 64 characters, <c>ERROR</c>, or mapped already.</exception>
    /// <exception cref="InvalidOperationException">The server has started.</exception>
    public CommandBuilder MapCommand(string name, BorrowingCommandHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Map(name, options => Command.Create(options, handler));
    }

    /// <summary>
    /// Answers together the requests that a client has sent without waiting. Behind a filter, or with a limit of concurrency, each request
    /// is a batch of its own.
    /// </summary>
    /// <exception cref="ArgumentException">The whole name is empty, longer than 64 characters, <c>ERROR</c>, or mapped already.</exception>
    /// <exception cref="InvalidOperationException">The server has started.</exception>
    public CommandBuilder MapBatchCommand(string name, BatchCommandHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Map(name, options => Command.Create(options, handler));
    }

    /// <summary>
    /// Answers a command with any function. The type of a parameter decides its argument: a <see cref="string"/> is the payload as text, a
    /// <see cref="ReadOnlyMemory{T}"/> of bytes is the payload itself; <see cref="CommandContext"/>, <see cref="Connections.Connection"/>,
    /// <see cref="Connections.ClientIdentity"/> and <see cref="CancellationToken"/> are those of the request; a registered service comes
    /// from the request's scope; and one parameter of another type is read from the payload by <see cref="IPayloadSerializer"/>. The
    /// function returns a <see cref="NetworkProtocol.Messages.Message"/>, a string, bytes, nothing, any other type that <see
    /// cref="IPayloadSerializer"/> writes, or a task of these; null means no answer.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The whole name is empty, longer than 64 characters, <c>ERROR</c>, or mapped already; or there is no argument for a parameter.
    /// </exception>
    /// <exception cref="InvalidOperationException">The server has started.</exception>
    public CommandBuilder MapCommand(string name, Delegate function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return MapCommand(name, CommandBinder.Bind(Prefix + name, function, _table.Services));
    }

    /// <summary>Answers a command with a class whose constructor takes its dependencies.</summary>
    /// <exception cref="ArgumentException">The whole name is empty, longer than 64 characters, <c>ERROR</c>, or mapped already.</exception>
    /// <exception cref="InvalidOperationException">The server has started.</exception>
    public CommandBuilder MapCommand<THandler>(string name)
        where THandler : class, ICommandHandler
    {
        var create = ActivatorUtilities.CreateFactory<THandler>([]);
        return MapCommand(name, async (context, cancellationToken) =>
        {
            var handler = create(context.Services, null);
            try
            {
                return await handler.HandleAsync(context, cancellationToken);
            }
            finally
            {
                switch (handler)
                {
                    case IAsyncDisposable disposable:
                        await disposable.DisposeAsync();
                        break;
                    case IDisposable disposable:
                        disposable.Dispose();
                        break;
                }
            }
        });
    }

    internal void Apply(CommandOptions options)
    {
        _parent?.Apply(options);
        _conventions.Apply(options);
    }

    private CommandBuilder Map(string name, Func<CommandOptions, Command> create)
    {
        ArgumentNullException.ThrowIfNull(name);
        var builder = new CommandBuilder(_table, this, Prefix + name);
        _table.Add(builder, create);
        return builder;
    }
}
