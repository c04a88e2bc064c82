namespace NetworkProtocol.Cli.Admin;

/// <summary>Which properties of its rows a list shows.</summary>
/// <param name="All">All, for scripts.</param>
/// <param name="Shown">Those that fit on a screen, for people.</param>
internal sealed record Columns(string[] All, string[] Shown)
{
    public Columns(params string[] all)
        : this(all, all)
    {
    }

    /// <summary>With the column that the list is sorted by: whoever sorts by it wants to see it.</summary>
    public Columns With(string? sort) => sort is null || Shown.Contains(sort) || !All.Contains(sort) ? this : this with { Shown = [.. Shown, sort] };
}
