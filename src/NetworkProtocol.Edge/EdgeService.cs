using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace NetworkProtocol.Edge;

/// <summary>
/// Opens the buffer before the first sensor comes, runs the uplink, and closes the buffer after the last sensor has gone.
/// </summary>
internal sealed class EdgeService(IServiceProvider services, IOptions<EdgeOptions> options) : IHostedService
{
    private MessageForwarder? _forwarder;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.IsOn)
        {
            _forwarder = services.GetRequiredService<MessageForwarder>(); // only now, so that a node that is no edge has none of it
            _forwarder.Start();
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_forwarder is not null)
        {
            await _forwarder.StopAsync();
        }
    }
}
