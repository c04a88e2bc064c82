using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using NetworkProtocol.Edge;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Edge.Uplink;

namespace NetworkProtocol.Web.Edge;

/// <summary>
/// Degraded while the hub of an edge takes no messages, or while the buffer is nearly full. The edge still takes messages of sensors, so
/// it is ready all the same.
/// </summary>
internal sealed class UplinkCheck(IServiceProvider services, IOptions<EdgeOptions> options) : IHealthCheck
{
    /// <summary>The share of the buffer's bounds from which on an operator should look.</summary>
    private const double NearlyFull = 0.8;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(options.Value.HubAddress.Length == 0 ? HealthCheckResult.Healthy("This node is no edge") : Judge(options.Value));

    private HealthCheckResult Judge(EdgeOptions edge)
    {
        if (services.GetRequiredService<UplinkState>().Error is { } error)
        {
            return HealthCheckResult.Degraded($"The hub {edge.HubAddress} takes no messages: {error}");
        }

        return services.GetRequiredService<MessageBuffer>().State is { } state
            && (state.Messages >= NearlyFull * edge.OfflineBufferSize || state.Bytes >= NearlyFull * edge.OfflineBufferBytes)
            ? HealthCheckResult.Degraded($"The buffer is nearly full: {edge.WhenFull} applies when it is full")
            : HealthCheckResult.Healthy(edge.HubAddress);
    }
}
