using NetworkProtocol.Admin;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Web.Node;

/// <summary>Lists the last errors of this node.</summary>
internal sealed class NodeErrors(ServerState state, ErrorLog errors)
{
    /// <exception cref="NodeException">The filter or the page is wrong.</exception>
    public PageOf<ErrorRow> List(ErrorFilter filter, Paging paging)
    {
        var matcher = new ErrorFilterMatcher(filter, state.NodeId, errors.Kinds);
        var matching = errors.Recent.Where(matcher.Matches).Reverse().ToArray();
        return paging.TakePage(matching, ErrorFilterMatcher.Columns, error => RowFactory.Of(error, state.NodeId));
    }

    public IReadOnlyList<ErrorKindRow> Kinds() =>
    [
        .. errors.Recent.GroupBy(error => error.Kind).Select(group => new ErrorKindRow(group.Key, group.Count(), group.Last().At))
            .OrderByDescending(kind => kind.Count),
    ];
}
