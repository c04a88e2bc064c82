using NetworkProtocol.Admin;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Operators;

namespace NetworkProtocol.Web.Node;

/// <summary>Starts and undoes the drain of this node, and reports its progress.</summary>
internal sealed class NodeDrain(Drain drain, ConnectionRegistry registry)
{
    public DrainRow Progress() => RowFactory.Of(drain.Status);

    public Outcome Start(DrainRequest request)
    {
        if (request.PerSecond is < 1 or > PacedDisconnect.MaxPerSecond)
        {
            return Outcome.Invalid($"perSecond = {request.PerSecond}: must be 1 to {PacedDisconnect.MaxPerSecond}.");
        }

        if (request.Deadline < TimeSpan.Zero || request.Deadline > Drain.MaxDeadline)
        {
            return Outcome.Invalid($"deadline = {request.Deadline}: must be 0 to {Drain.MaxDeadline}.");
        }

        return drain.TryStart(request.PerSecond, request.Deadline)
            ? Outcome.Done($"Draining {NodeConnections.CountText(registry.Count)}, {request.PerSecond} a second.", registry.Count)
            : Outcome.Conflict("The server is already draining or stopping.");
    }

    public Outcome Undo() => drain.Undo()
        ? Outcome.Done("The drain is undone: the server accepts connections again.")
        : Outcome.Conflict("There is no drain to undo.");
}
