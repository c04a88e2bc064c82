using System.CommandLine;
using System.Globalization;

namespace NetworkProtocol.Cli.Admin;

/// <summary>Which page of a list, and in which order.</summary>
internal sealed class PagingOptions
{
    private readonly Option<int?> _page = new("--page") { Description = "Which page, from 1" };
    private readonly Option<int?> _size = new("--size") { Description = "Rows of a page, 1 to 1000; 50 if not given" };
    private readonly Option<string?> _sort = new("--sort") { Description = "The column to sort by" };
    private readonly Option<bool> _descending = new("--descending") { Description = "The largest first" };

    public PagingOptions(Command command, bool canSort = true)
    {
        foreach (var option in canSort ? new Option[] { _page, _size, _sort, _descending } : [_page, _size])
        {
            command.Add(option);
        }
    }

    public string? Sort(ParseResult parsed) => parsed.GetValue(_sort);

    public IEnumerable<(string Name, string? Value)> Query(ParseResult parsed) =>
    [
        ("page", parsed.GetValue(_page)?.ToString(CultureInfo.InvariantCulture)),
        ("size", parsed.GetValue(_size)?.ToString(CultureInfo.InvariantCulture)),
        ("sort", Sort(parsed)),
        ("descending", parsed.GetValue(_descending) ? "true" : null),
    ];
}
