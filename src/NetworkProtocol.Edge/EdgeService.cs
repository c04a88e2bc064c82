using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Edge.Uplink;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge;

/// <summary>
/// Opens the buffer before the first sensor comes, runs the uplink, and closes the buffer after the last sensor has gone.
/// </summary>
internal sealed class EdgeService(
    IServiceProvider services, IOptions<EdgeOptions> options, TimeProvider time, ILogger<EdgeService> logger)
    : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private MessageBuffer? _buffer;
    private Task _running = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.IsOn)
        {
            // Only now, so that a node that is no edge has none of it.
            _buffer = services.GetRequiredService<MessageBuffer>();
            _buffer.Open();
            _running = Task.WhenAll(Enum.GetValues<Lane>().Select(lane => CreateUplink(lane, _buffer).RunAsync(_stopping.Token)));
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        try
        {
            await _running;
        }
        finally
        {
            if (_buffer is not null)
            {
                await _buffer.DisposeAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _stopping.Dispose();
    }

    private LaneUplink CreateUplink(Lane lane, MessageBuffer buffer)
    {
        var uplink = services.GetRequiredService<EdgeUplink>();
        return new LaneUplink(
            buffer,
            uplink.Client,
            lane,
            uplink.Source,
            options.Value,
            services.GetRequiredService<BufferStorage>(),
            services.GetRequiredService<EdgeMetrics>(),
            services.GetRequiredService<UplinkState>(),
            services.GetRequiredService<UplinkSwitch>(),
            time,
            logger);
    }
}
