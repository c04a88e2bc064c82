using NetworkProtocol.Admin;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Web.Node;

/// <summary>This node's last errors.</summary>
internal sealed class NodeErrors(ServerState state, ErrorLog errors)
{
    /// <exception cref="NodeException">The filter or the page is wrong.</exception>
    public PageOf<ErrorRow> List(ErrorFilter filter, Paging paging)
    {
        var match = new ErrorMatch(filter, state.NodeId, errors.Kinds);
        return paging.Take(errors.Recent.Where(match.Matches).Reverse().ToArray(), ErrorMatch.Columns, error => Rows.Of(error, state.NodeId));
    }

    public IReadOnlyList<ErrorKindRow> Kinds() =>
    [
        .. errors.Recent.GroupBy(error => error.Kind).Select(group => new ErrorKindRow(group.Key, group.Count(), group.Last().At))
            .OrderByDescending(kind => kind.Count),
    ];
}
