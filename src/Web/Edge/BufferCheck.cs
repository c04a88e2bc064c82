using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using NetworkProtocol.Edge;
using NetworkProtocol.Edge.Buffer;

namespace NetworkProtocol.Web.Edge;

/// <summary>Unhealthy while the disk of an edge takes no messages; degraded while it is slow, or has no room.</summary>
internal sealed class BufferCheck(IServiceProvider services, IOptions<EdgeOptions> options) : IHealthCheck
{
    /// <summary>A commit that takes this long is reported: sensors wait for it.</summary>
    public static readonly TimeSpan SlowCommit = TimeSpan.FromSeconds(1);

    /// <summary>A disk that has not finished a commit for so long counts as one that takes no messages.</summary>
    public static readonly TimeSpan LongestCommit = TimeSpan.FromSeconds(10);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(options.Value.HubAddress.Length == 0
            ? HealthCheckResult.Healthy("This node is no edge")
            : Judge(services.GetRequiredService<MessageBuffer>(), services.GetRequiredService<EdgeMetrics>()));

    private HealthCheckResult Judge(MessageBuffer buffer, EdgeMetrics metrics) => buffer.Problem is { } problem
        ? HealthCheckResult.Unhealthy(problem)
        : buffer.Busy is var busy && busy >= LongestCommit
            ? HealthCheckResult.Unhealthy($"The buffer has been writing for {busy.TotalSeconds:0} s, and sensors wait: its disk is slow")
        : buffer.Shortage is { } shortage ? HealthCheckResult.Degraded(shortage)
        : metrics.LastCommitTook is var took && took >= SlowCommit
            ? HealthCheckResult.Degraded($"The last commit took {took.TotalSeconds:0.0} s, and sensors wait as long: the disk is slow")
        : HealthCheckResult.Healthy(
            $"{buffer.State?.Messages} of {options.Value.OfflineBufferSize} messages, "
                + $"{buffer.State?.Bytes} of {options.Value.OfflineBufferBytes} bytes");
}
