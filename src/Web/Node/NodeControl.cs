using NetworkProtocol.Admin;
using NetworkProtocol.Server;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web.Node;

/// <summary>Creates the actions of a user or token. The console and the API change the node only through them.</summary>
internal sealed class NodeControl(NodeTopics node, AuditedActions audited, ServerState state)
{
    /// <summary>The actions of the actor. Each action checks the role and is recorded in the audit log, also when it is refused.</summary>
    public INodeActions As(Actor actor) => new LocalActions(actor, node, audited, state.NodeId);
}
