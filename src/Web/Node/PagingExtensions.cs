using NetworkProtocol.Admin;
using NetworkProtocol.Web.Components.Hosting;

namespace NetworkProtocol.Web.Node;

/// <summary>Takes pages out of lists.</summary>
internal static class Pages
{
    /// <summary>The columns of a list that has an order of its own.</summary>
    public static IReadOnlyDictionary<string, Func<T, IComparable?>> NoColumns<T>() => new Dictionary<string, Func<T, IComparable?>>();

    /// <summary>Takes the page out of all that match; only its own rows are made.</summary>
    /// <param name="paging">Which page, and in which order.</param>
    /// <param name="all">All that match.</param>
    /// <param name="columns">The keys that the list may be sorted by.</param>
    /// <param name="row">Makes a row.</param>
    /// <exception cref="NodeException">There can be no such page, or no such column.</exception>
    public static PageOf<TRow> Take<T, TRow>(
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
