using NetworkProtocol.Admin;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Operators;

namespace NetworkProtocol.Web.Node;

/// <summary>Disconnects clients of this node, for <see cref="LocalActions"/> alone.</summary>
internal sealed class NodeDisconnects(ServerState state, ConnectionRegistry registry, ConnectionControl control)
{
    public Outcome Disconnect(ConnectionKey key) => key.Node == state.NodeId && control.Disconnect(key.Id)
        ? Outcome.Done($"Connection {key} is being ended.", 1)
        : Outcome.NotFound(ConnectionNotFound.Text(key, state.NodeId));

    /// <summary>Ends all matching connections in the background, at a rate.</summary>
    public Outcome DisconnectMatching(DisconnectRequest request)
    {
        var filter = request.Filter.WithoutBlanks();
        if (filter.FindProblem(closed: false) is { } problem)
        {
            return Outcome.Invalid(problem);
        }

        if (request.PerSecond is < 1 or > PacedDisconnect.MaxPerSecond)
        {
            return Outcome.Invalid($"perSecond = {request.PerSecond}: must be 1 to {PacedDisconnect.MaxPerSecond}.");
        }

        if (filter.IsEmpty && !request.All)
        {
            return Outcome.Invalid("The filter is empty: to end all connections, set all to true.");
        }

        var matching = registry.Open.Where(filter.Matches).ToArray();
        if (matching.Length > request.Expected + Math.Max(10L, request.Expected / 10))
        {
            return Outcome.Conflict(
                $"{NodeConnections.CountText(matching.Length)} match now, but you confirmed {request.Expected}. "
                + "Check the number and try again.");
        }

        return control.TryDisconnect(matching, request.PerSecond, out _)
            ? Outcome.Done($"Ending {NodeConnections.CountText(matching.Length)}, {request.PerSecond} a second.", matching.Length)
            : Outcome.Conflict("Other connections are still being ended. Wait until they have ended, or stop ending them.");
    }

    public Outcome StopDisconnecting() => control.StopDisconnecting()
        ? Outcome.Done("The remaining connections stay open.")
        : Outcome.Conflict("No connections are being ended.");
}
