using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using NetworkProtocol.Edge;
using NetworkProtocol.Edge.Buffer;

namespace NetworkProtocol.Web.Edge;

/// <summary>Unhealthy while the disk of an edge takes no messages.</summary>
internal sealed class BufferCheck(IServiceProvider services, IOptions<EdgeOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(options.Value.HubAddress.Length == 0
            ? HealthCheckResult.Healthy("This node is no edge")
            : Judge(services.GetRequiredService<MessageBuffer>()));

    private HealthCheckResult Judge(MessageBuffer buffer) => buffer.Problem is { } problem
        ? HealthCheckResult.Unhealthy(problem)
        : buffer.Shortage is { } shortage ? HealthCheckResult.Degraded(shortage)
        : HealthCheckResult.Healthy(
            $"{buffer.State?.Messages} of {options.Value.OfflineBufferSize} messages, "
                + $"{buffer.State?.Bytes} of {options.Value.OfflineBufferBytes} bytes");
}
