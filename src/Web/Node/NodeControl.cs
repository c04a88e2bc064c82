using NetworkProtocol.Admin;
using NetworkProtocol.Server;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web.Node;

/// <summary>Gives users and tokens their way to change this node: the console and the API have no other.</summary>
internal sealed class NodeControl(NodeTopics node, AuditedActions audited, ServerState state)
{
    /// <summary>What somebody can do; each action looks at the role, and is written into the audit log, refusals included.</summary>
    public INodeActions As(Actor actor) => new LocalActions(actor, node, audited, state.NodeId);
}
