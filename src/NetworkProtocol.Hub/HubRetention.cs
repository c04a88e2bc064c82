using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace NetworkProtocol.Hub;

/// <summary>Has the store delete what is too old, every few minutes.</summary>
internal sealed class HubRetention(
    IOptions<HubOptions> options, IHubStore store, TimeProvider time, ILogger<HubRetention> logger) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Store == HubStoreKind.None)
        {
            return;
        }

        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await store.RetainAsync(time.GetUtcNow(), stoppingToken);
            }
#pragma warning disable CA1031 // an error that left this method would end the whole program
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                HubLog.RetentionFailed(logger, e.Message);
            }
        }
    }
}
