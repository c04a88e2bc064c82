namespace NetworkProtocol.Admin;

/// <summary>Selects a part of a list of a hub.</summary>
/// <param name="Size">The largest number of rows: 1 to <see cref="MaxSize"/>.</param>
/// <param name="After">The <see cref="HubSlice{T}.Next"/> of the part before; null, the default, for the list's beginning.</param>
public sealed record HubPaging(int Size = HubPaging.DefaultSize, string? After = null)
{
    /// <summary>The largest number of rows of a part.</summary>
    public const int MaxSize = 10_000;

    /// <summary>The default number of rows of a part.</summary>
    public const int DefaultSize = 100;
}
