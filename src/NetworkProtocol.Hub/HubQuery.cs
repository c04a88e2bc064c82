namespace NetworkProtocol.Hub;

/// <summary>Which part of a list.</summary>
/// <param name="Size">The largest number of rows: 1 to <see cref="MaxSize"/>.</param>
/// <param name="After">The <see cref="Slice{T}.Next"/> of the part before; null: the list's beginning.</param>
public sealed record HubQuery(int Size = 100, string? After = null)
{
    /// <summary>The largest number of rows of one part.</summary>
    public const int MaxSize = 10_000;
}
