namespace NetworkProtocol.Server.Commands;

/// <summary>Conventions in the order in which they were added.</summary>
internal sealed class ConventionList(CommandTable table)
{
    private readonly List<Action<CommandOptions>> _conventions = [];

    public void Add(Action<CommandOptions> convention)
    {
        ArgumentNullException.ThrowIfNull(convention);
        table.ThrowIfFrozen();
        _conventions.Add(convention);
    }

    public void Apply(CommandOptions options) => _conventions.ForEach(convention => convention(options));
}
