using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Node;

/// <summary>Sorts a list and takes a page of it.</summary>
internal static class PagingExtensions
{
    /// <summary>The columns of a list that has a fixed order.</summary>
    public static IReadOnlyDictionary<string, Func<T, IComparable?>> NoColumns<T>() => new Dictionary<string, Func<T, IComparable?>>();

    /// <summary>Sorts the list and takes a page of it; only the items of the page are converted to rows.</summary>
    /// <param name="paging">The page and the order.</param>
    /// <param name="all">All items that match the filter.</param>
    /// <param name="columns">The columns that the list can be sorted by.</param>
    /// <param name="row">Converts an item to a row.</param>
    /// <exception cref="NodeException">The page is out of range, or the column does not exist.</exception>
    public static PageOf<TRow> TakePage<T, TRow>(
        this Paging paging, IReadOnlyCollection<T> all, IReadOnlyDictionary<string, Func<T, IComparable?>> columns, Func<T, TRow> row)
    {
        if (FindProblem(paging, columns.Keys) is { } problem)
        {
            throw new NodeException(OutcomeKind.Invalid, problem);
        }

        IEnumerable<T> sorted = all;
        if (paging.Sort is { } sort)
        {
            sorted = paging.Descending ? all.OrderByDescending(columns[sort]) : all.OrderBy(columns[sort]);
        }

        var before = (int)Math.Min((long)(paging.Page - 1) * paging.Size, int.MaxValue);
        return new PageOf<TRow>([.. sorted.Skip(before).Take(paging.Size).Select(row)], all.Count, paging.Page, paging.Size);
    }

    private static string? FindProblem(Paging paging, IEnumerable<string> columns) =>
        paging.Page < 1 ? $"page = {paging.Page}: must be 1 or more."
        : paging.Size < 1 ? $"size = {paging.Size}: must be 1 or more."
        : paging.Sort is null || columns.Contains(paging.Sort) ? null
        : columns.Any() ? $"sort = {paging.Sort}: must be one of {string.Join(", ", columns)}."
        : $"sort = {paging.Sort}: this list cannot be sorted; leave sort out.";
}
