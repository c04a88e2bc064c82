using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace NetworkProtocol.Hub;

/// <summary>
/// Opens the store when the program starts. A wrong setting ends the start; a full disk or a lock does not, because the hub recovers from
/// them by itself, and until then edges keep what they have.
/// </summary>
internal sealed class HubOpening(IOptions<HubOptions> options, IHubStore store, ILogger<HubOpening> logger) : IHostedService
{
    /// <exception cref="InvalidOperationException">The store cannot be opened; the message names it and says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Store == HubStoreKind.None)
        {
            return;
        }

        try
        {
            await store.OpenAsync(cancellationToken);
        }
        catch (HubStoreException e) when (e.IsTemporary)
        {
            HubLog.StoreFails(logger, e.Message);
        }
        catch (HubStoreException e)
        {
            throw new InvalidOperationException(e.Message, e); // which the program reports as one line
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
