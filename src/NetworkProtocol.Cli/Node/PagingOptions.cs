using System.CommandLine;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Cli.Node;

/// <summary>Which page of a list, and in which order.</summary>
internal sealed class PagingOptions
{
    private readonly Option<int?> _page = new("--page") { Description = "Which page, from 1" };
    private readonly Option<int?> _size = new("--size")
    {
        Description = $"Rows of a page, 1 to {Paging.MaxSize}; {Paging.DefaultSize} if not given",
    };

    private readonly Option<string?> _sort = new("--sort") { Description = "The column to sort by" };
    private readonly Option<bool> _descending = new("--descending") { Description = "The largest first" };

    /// <summary>Adds the options to a command.</summary>
    public PagingOptions(Command command, bool canSort = true)
    {
        foreach (var option in canSort ? new Option[] { _page, _size, _sort, _descending } : [_page, _size])
        {
            command.Add(option);
        }
    }

    /// <summary>The page that is asked for. The server checks the values.</summary>
    public Paging Read(ParseResult parsed) => new()
    {
        Page = parsed.GetValue(_page) ?? 1,
        Size = parsed.GetValue(_size) ?? Paging.DefaultSize,
        Sort = parsed.GetValue(_sort),
        Descending = parsed.GetValue(_descending),
    };
}
