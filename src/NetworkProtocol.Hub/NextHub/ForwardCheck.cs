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
        if (forwarder.Forwarding is not { } next)
        {
            return HealthCheckResult.Healthy("This hub forwards nothing");
        }

        var backlog = next.Tally.Backlog;
        return (next.BufferError ?? forwarder.Problem) is { } problem
                ? HealthCheckResult.Degraded($"Nothing is forwarded: {problem.TrimEnd('.')}. {next.WaitingText}")
            : next.UplinkError is { } error
                ? HealthCheckResult.Degraded($"The next hub {forward.Address} takes nothing: {error.TrimEnd('.')}. {next.WaitingText}")
            : next.BufferShortage is { } shortage ? HealthCheckResult.Degraded($"{shortage}. {next.WaitingText}")
            : Math.Max(backlog.Messages, backlog.Rollups) >= NearlyFull * forward.MaxBacklog
                ? HealthCheckResult.Degraded($"{next.WaitingText}, nearly as many as may wait ({HubForwardOptions.Section}:MaxBacklog)")
            : backlog.Bytes >= NearlyFull * forward.MaxBacklogBytes
                ? HealthCheckResult.Degraded($"{next.WaitingText} with {backlog.Bytes} bytes, nearly as many as may wait "
                    + $"({HubForwardOptions.Section}:MaxBacklogBytes)")
            : HealthCheckResult.Healthy($"{forward.Address}: {next.WaitingText}");
    }
}
