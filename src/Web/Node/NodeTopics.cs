using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Node;

/// <summary>Everything that this node shows and does: one class for each topic.</summary>
internal sealed record NodeTopics(
    NodeStatus Status,
    NodeConnections Connections,
    NodeDisconnects Disconnects,
    NodeErrors Errors,
    NodeBreakers Breakers,
    NodeBans Bans,
    NodeCertificates Certificates,
    NodeDrain Drain,
    NodeTokens Tokens,
    NodeEdge Edge,
    NodeHub Hub);
