using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NetworkProtocol.Client.Diagnostics;

/// <summary>Reports whether a request of a client would be sent now.</summary>
internal sealed class ClientHealthCheck(ProtocolClient client) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var open = client.Breakers.Where(breaker => breaker.State != BreakerState.Closed).ToArray();
        var text = $"{client.State}, {client.Connections.Count} connections"
            + string.Concat(open.Select(
                breaker => $"; circuit breaker {breaker.Name} is {breaker.State}: {breaker.LastError?.Message.TrimEnd('.')}"));
        return Task.FromResult(client.State is ClientState.Disconnected or ClientState.Closed || open.Length == client.Breakers.Count
            ? new HealthCheckResult(context.Registration.FailureStatus, text)
            : open.Length > 0 ? HealthCheckResult.Degraded(text)
            : HealthCheckResult.Healthy(text));
    }
}
