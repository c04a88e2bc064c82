namespace NetworkProtocol.Admin;

/// <summary>Selects a page of a list, and the order of the list.</summary>
public sealed record Paging
{
    /// <summary>The maximum number of rows of a page.</summary>
    public const int MaxSize = 1000;

    /// <summary>The default number of rows of a page.</summary>
    public const int DefaultSize = 50;

    /// <summary>The number of the page, from 1. Default 1.</summary>
    public int Page { get; init; } = 1;

    /// <summary>The number of rows of a page: 1 to <see cref="MaxSize"/>. Default <see cref="DefaultSize"/>.</summary>
    public int Size { get; init; } = DefaultSize;

    /// <summary>The field of the rows to sort by; null, the default, for the list's default order.</summary>
    public string? Sort { get; init; }

    /// <summary>Whether the list is sorted from the largest to the smallest value. Default false.</summary>
    public bool Descending { get; init; }
}
