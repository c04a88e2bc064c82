namespace NetworkProtocol.Admin;

/// <summary>Which part of a list, and in which order.</summary>
public sealed record Paging
{
    /// <summary>The most rows of a page.</summary>
    public const int MaxSize = 1000;

    /// <summary>The rows of a page when nobody says how many.</summary>
    public const int DefaultSize = 50;

    /// <summary>The number of the page, from 1. Default 1.</summary>
    public int Page { get; init; } = 1;

    /// <summary>Rows of a page: 1 to <see cref="MaxSize"/>. Default <see cref="DefaultSize"/>.</summary>
    public int Size { get; init; } = DefaultSize;

    /// <summary>The column to sort by, as it is called in the rows; null, the default, for the list's own order.</summary>
    public string? Sort { get; init; }

    /// <summary>Whether the largest comes first. Default false.</summary>
    public bool Descending { get; init; }
}
