using System.Globalization;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Node;

/// <summary>Makes views.</summary>
internal static class Views
{
    /// <summary>A list that has no pages.</summary>
    public static View List<T>(
        Func<INodeView, CancellationToken, Task<IReadOnlyList<T>>> read, Columns<T> columns) => async (node, token) =>
    {
        var rows = await read(node, token);
        return new Printout(Printout.JsonOf(rows), [Grid.Of(rows, columns)], [Grid.ForPeople(rows, columns)]);
    };

    /// <summary>A page of a list.</summary>
    public static View Page<T>(
        Func<INodeView, CancellationToken, Task<PageOf<T>>> read, Columns<T> columns) => async (node, token) =>
    {
        var page = await read(node, token);
        return new Printout(Printout.JsonOf(page), [Grid.Of(page.Items, columns)], [Grid.ForPeople(page.Items, columns)], Rest(page));
    };

    /// <summary>A part of a hub's list.</summary>
    public static View Slice<T>(
        Func<INodeView, CancellationToken, Task<HubSlice<T>>> read, Columns<T> columns) => async (node, token) =>
    {
        var slice = await read(node, token);
        return new Printout(
            Printout.JsonOf(slice),
            [Grid.Of(slice.Items, columns)],
            [Grid.ForPeople(slice.Items, columns)],
            slice.Next is { } next ? $"there are more rows; --after {next} has them" : null);
    };

    /// <summary>One object, printed the same for scripts and for people.</summary>
    public static View One<T>(
        Func<INodeView, CancellationToken, Task<T>> read, Func<T, IReadOnlyList<Grid>> grids) => async (node, token) =>
    {
        var value = await read(node, token);
        var all = grids(value);
        return new Printout(Printout.JsonOf(value), all, all);
    };

    /// <summary>What to say of a page that is not the whole list.</summary>
    private static string? Rest<T>(PageOf<T> page)
    {
        var first = ((long)(page.Page - 1) * page.Size) + 1;
        var last = first + page.Items.Count - 1;
        return last >= page.Total
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"rows {first} to {last} of {page.Total}; --page {page.Page + 1} has more");
    }
}
