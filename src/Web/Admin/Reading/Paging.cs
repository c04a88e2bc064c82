namespace NetworkProtocol.Web.Admin.Reading;

/// <summary>Which part of a list, and in which order.</summary>
internal sealed record Paging
{
    public const int MaxSize = 1000;
    public const int DefaultSize = 50;

    /// <summary>From 1.</summary>
    public int Page { get; init; } = 1;

    /// <summary>Rows of a page: 1 to 1000.</summary>
    public int Size { get; init; } = DefaultSize;

    /// <summary>A column, as it is called in the rows; null for the list's own order.</summary>
    public string? Sort { get; init; }

    /// <summary>From the largest to the smallest.</summary>
    public bool Descending { get; init; }

    /// <summary>What is wrong with it, and what would be right; null if nothing is.</summary>
    public string? Check(IEnumerable<string> columns) =>
        Page < 1 ? $"page = {Page}: must be 1 or more."
        : Size is < 1 or > MaxSize ? $"size = {Size}: must be 1 to {MaxSize}."
        : Sort is not null && !columns.Any() ? $"sort = {Sort}: this list cannot be sorted; leave sort out."
        : Sort is not null && !columns.Contains(Sort) ? $"sort = {Sort}: must be one of {string.Join(", ", columns)}."
        : null;

    /// <summary>Takes the page out of all that match; only its own rows are made.</summary>
    /// <param name="all">All that match.</param>
    /// <param name="columns">The keys that it may be sorted by.</param>
    /// <param name="row">Makes a row.</param>
    public PageOf<TRow> Take<T, TRow>(IReadOnlyCollection<T> all, IReadOnlyDictionary<string, Func<T, IComparable?>> columns, Func<T, TRow> row)
    {
        IEnumerable<T> sorted = all;
        if (Sort is not null)
        {
            sorted = Descending ? all.OrderByDescending(columns[Sort]) : all.OrderBy(columns[Sort]);
        }

        return new PageOf<TRow>([.. sorted.Skip((int)Math.Min((long)(Page - 1) * Size, int.MaxValue)).Take(Size).Select(row)], all.Count, Page, Size);
    }
}
