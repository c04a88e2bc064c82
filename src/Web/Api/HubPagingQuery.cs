using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>The query parameters of a <see cref="HubPaging"/>.</summary>
internal sealed record HubPagingQuery(int? Size, string? After)
{
    /// <exception cref="NodeException">The size is out of range.</exception>
    public HubPaging ToPaging() => Size is < 1 or > HubPaging.MaxSize
        ? throw new NodeException(OutcomeKind.Invalid, $"size = {Size}: must be 1 to {HubPaging.MaxSize}.")
        : new HubPaging(Size ?? HubPaging.DefaultSize, After);
}
