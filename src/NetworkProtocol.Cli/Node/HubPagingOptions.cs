using System.CommandLine;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Cli.Node;

/// <summary>Which part of a hub's list.</summary>
internal sealed class HubPagingOptions
{
    private readonly Option<int?> _size = new("--size")
    {
        Description = $"The largest number of rows, 1 to {HubPaging.MaxSize}; {HubPaging.DefaultSize} if not given",
    };

    private readonly Option<string?> _after = new("--after") { Description = "The part behind the rows that were printed with this text" };

    /// <summary>Adds the options to a command.</summary>
    public HubPagingOptions(Command command)
    {
        command.Add(_size);
        command.Add(_after);
    }

    /// <summary>The part that is asked for. The server checks the values.</summary>
    public HubPaging Read(ParseResult parsed) => new(parsed.GetValue(_size) ?? HubPaging.DefaultSize, parsed.GetValue(_after));
}
