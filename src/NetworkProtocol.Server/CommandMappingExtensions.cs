using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NetworkProtocol.Server.Commands;

namespace NetworkProtocol.Server;

/// <summary>Maps commands in a program that has called <see cref="NetworkProtocolServerExtensions.AddNetworkProtocolServer"/>.</summary>
public static class CommandMappingExtensions
{
    /// <inheritdoc cref="CommandGroup.MapCommand(string, CommandHandler)"/>
    public static CommandBuilder MapCommand(this IHost host, string name, CommandHandler handler) =>
        host.MapCommandGroup("").MapCommand(name, handler);

    /// <inheritdoc cref="CommandGroup.MapCommand(string, BorrowingCommandHandler)"/>
    public static CommandBuilder MapCommand(this IHost host, string name, BorrowingCommandHandler handler) =>
        host.MapCommandGroup("").MapCommand(name, handler);

    /// <inheritdoc cref="CommandGroup.MapBatchCommand"/>
    public static CommandBuilder MapBatchCommand(this IHost host, string name, BatchCommandHandler handler) =>
        host.MapCommandGroup("").MapBatchCommand(name, handler);

    /// <inheritdoc cref="CommandGroup.MapCommand(string, Delegate)"/>
    public static CommandBuilder MapCommand(this IHost host, string name, Delegate function) =>
        host.MapCommandGroup("").MapCommand(name, function);

    /// <inheritdoc cref="CommandGroup.MapCommand{THandler}(string)"/>
    public static CommandBuilder MapCommand<THandler>(this IHost host, string name)
        where THandler : class, ICommandHandler => host.MapCommandGroup("").MapCommand<THandler>(name);

    /// <summary>Makes a group. The commands that are mapped through it begin with its prefix and share its conventions.</summary>
    /// <param name="host">The program.</param>
    /// <param name="prefix">For example <c>EDGE.</c>; may be empty.</param>
    public static CommandGroup MapCommandGroup(this IHost host, string prefix)
    {
        ArgumentNullException.ThrowIfNull(host);
        return new CommandGroup(host.Services.GetRequiredService<CommandTable>(), prefix);
    }
}
