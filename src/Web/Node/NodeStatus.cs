using Microsoft.Extensions.Options;
using NetworkProtocol.Admin;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Web.Node;

/// <summary>The state of this node, its counters and its rates. The counters are those of <c>/metrics</c>.</summary>
internal sealed class NodeStatus(
    ServerState state,
    ConnectionRegistry registry,
    ServerMetrics metrics,
    Sampler sampler,
    IOptions<ServerOptions> options,
    TimeProvider time)
{
    private const double BytesOfMebibyte = 1024 * 1024;

    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    /// <summary>The state: starting, ready, full, draining or stopping.</summary>
    public string State() => state.Phase switch
    {
        ServerPhase.Serving => registry.IsFull ? "full" : "ready",
        var phase => ApiNames.Name(phase),
    };

    public Status Read(IReadOnlyList<string> breakersNotClosed, int? certificateDaysLeft, DrainRow drain)
    {
        var counts = metrics.Read();
        return new Status(
            state.NodeId, State(), ProgramVersion.Text, _startedAt,
            counts.Active, options.Value.MaxConnections, counts.Connections, counts.Rejected,
            counts.HandshakesGood, counts.HandshakesRefused,
            counts.MessagesReceived, counts.MessagesSent, counts.BytesReceived, counts.BytesSent,
            counts.Errors, sampler.Rates, breakersNotClosed, certificateDaysLeft,
            Math.Round(Environment.WorkingSet / BytesOfMebibyte, 1), drain);
    }

    public Series Points(SeriesRange range) =>
        SeriesFactory.FromSamples(range == SeriesRange.Hours24 ? sampler.Tens : sampler.Seconds, time.GetUtcNow());
}
