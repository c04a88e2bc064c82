using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Node;

/// <summary>Reads an object from a node, ready to be printed.</summary>
/// <exception cref="NodeException">The node does not give the object.</exception>
internal delegate Task<Printout> View(INodeView node, CancellationToken cancellationToken);
