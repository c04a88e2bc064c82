using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Client;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Edge.Uplink;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge;

/// <summary>Opens the buffer before the first sensor comes, runs the uplink, and closes the buffer after the last sensor has gone.</summary>
internal sealed class EdgeService(
    MessageBuffer buffer,
    BufferStorage storage,
    IServiceProvider services,
    EdgeMetrics metrics,
    UplinkState state,
    IOptions<EdgeOptions> options,
    TimeProvider time,
    ILogger<EdgeService> logger) : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.IsOn)
        {
            buffer.Open();
            var uplink = services.GetRequiredService<EdgeUplink>(); // only now, because it reads the certificate
            _running = Task.WhenAll(Enum.GetValues<Lane>().Select(lane => new LaneUplink(
                buffer, uplink.Client, lane, uplink.Source, options.Value, storage, metrics, state, time, logger).RunAsync(_stopping.Token)));
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running;
        await buffer.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _stopping.Dispose();
    }
}
