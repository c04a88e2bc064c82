using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace NetworkProtocol.Hub.NextHub;

/// <summary>
/// Degraded while the next hub takes nothing, or nearly too much waits for it. The hub stores all the same, so it is ready.
/// </summary>
internal sealed class ForwardCheck(HubForwarder forwarder, IOptions<HubOptions> options) : IHealthCheck
{
    /// <summary>The share of the backlog's bound from which on an operator should look.</summary>
    private const double NearlyFull = 0.8;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Judge(options.Value.Forward));

    private HealthCheckResult Judge(HubForwardOptions forward)
    {
        if (forwarder is not { Next: { } next, Handover: { } handover })
        {
            return HealthCheckResult.Healthy("This hub forwards nothing");
        }

        var waiting = $"{next.Messages} messages are in the buffer, and {handover.Waiting} wait in the store";
        return (next.BufferError ?? forwarder.Problem) is { } problem
                ? HealthCheckResult.Degraded($"Nothing is forwarded: {problem.TrimEnd('.')}. {waiting}")
            : next.UplinkError is { } error
                ? HealthCheckResult.Degraded($"The next hub {forward.Address} takes nothing: {error.TrimEnd('.')}. {waiting}")
            : next.BufferShortage is { } shortage ? HealthCheckResult.Degraded($"{shortage}. {waiting}")
            : Math.Max(handover.Backlog.Messages, handover.Backlog.Rollups) >= NearlyFull * forward.MaxBacklog
                ? HealthCheckResult.Degraded($"{waiting}, nearly as many as may wait ({HubForwardOptions.Section}:MaxBacklog)")
            : handover.Backlog.Bytes >= NearlyFull * forward.MaxBacklogBytes
                ? HealthCheckResult.Degraded(
                    $"{waiting} with {handover.Backlog.Bytes} bytes, nearly as many as may wait "
                        + $"({HubForwardOptions.Section}:MaxBacklogBytes)")
            : HealthCheckResult.Healthy($"{forward.Address}: {waiting}");
    }
}
