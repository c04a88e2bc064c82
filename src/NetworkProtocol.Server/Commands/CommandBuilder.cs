namespace NetworkProtocol.Server.Commands;

/// <summary>A command that is being mapped. Its conventions are applied when the server starts.</summary>
public sealed class CommandBuilder : ICommandConventionBuilder
{
    private readonly CommandTable _table;
    private readonly CommandGroup _group;
    private readonly ConventionList _conventions;

    internal CommandBuilder(CommandTable table, CommandGroup group, string name)
    {
        _table = table;
        _group = group;
        _conventions = new ConventionList(table);
        Name = name;
    }

    /// <summary>The command's name, with the prefixes of its groups.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public void Add(Action<CommandOptions> convention) => _conventions.Add(convention);

    internal CommandOptions Build()
    {
        var options = new CommandOptions(Name, _table.Services);
        _group.Apply(options);
        _conventions.Apply(options);
        return options;
    }
}
