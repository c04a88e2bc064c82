using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>The query parameters of a <see cref="Paging"/>.</summary>
internal sealed record PagingQuery(int? Page, int? Size, string? Sort, bool? Descending)
{
    /// <exception cref="NodeException">The size is out of range.</exception>
    public Paging ToPaging() => Page < 1
        ? throw new NodeException(OutcomeKind.Invalid, $"page = {Page}: must be 1 or more.")
        : Size is < 1 or > Paging.MaxSize
        ? throw new NodeException(OutcomeKind.Invalid, $"size = {Size}: must be 1 to {Paging.MaxSize}.")
        : new Paging { Page = Page ?? 1, Size = Size ?? Paging.DefaultSize, Sort = Sort, Descending = Descending ?? false };
}
