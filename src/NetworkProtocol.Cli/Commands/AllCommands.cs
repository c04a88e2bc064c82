using System.CommandLine;

namespace NetworkProtocol.Cli.Commands;

/// <summary>Finds the commands, so that a new command is one new file and no list names it.</summary>
internal static class AllCommands
{
    /// <summary>Makes every command, in the order of <c>--help</c>.</summary>
    public static IEnumerable<Command> Create() =>
        from type in typeof(AllCommands).Assembly.GetTypes()
        where type.IsClass && typeof(INetprotoCommand).IsAssignableFrom(type)
        let source = (INetprotoCommand)Activator.CreateInstance(type)!
        let command = source.Create()
        orderby source.Group, command.Name
        select command;
}
