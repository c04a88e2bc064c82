using NetworkProtocol.Admin;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Operators;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web.Node;

/// <summary>This node's drain.</summary>
internal sealed class NodeDrain(Drain drain, ConnectionRegistry registry)
{
    public DrainRow Progress() => Rows.Of(drain.Status);

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
            ? Outcome.Done($"Draining {NodeConnections.Shown(registry.Count)}, {request.PerSecond} a second.", registry.Count)
            : Outcome.Conflict("The server is draining or stopping already.");
    }

    public Outcome Undo() => drain.Undo()
        ? Outcome.Done("The drain is undone: the server accepts connections again.")
        : Outcome.Conflict("There is no drain to undo.");
}
