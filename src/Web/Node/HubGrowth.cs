using Microsoft.Extensions.Options;
using NetworkProtocol.Hub;

namespace NetworkProtocol.Web.Node;

/// <summary>
/// Measures how fast the hub's store grows: it reads the store's size each minute, and compares it with the oldest size of the last day
/// that it knows. Without a hub it does nothing.
/// </summary>
internal sealed class HubGrowth(
    IOptions<HubOptions> options, IHubReader hub, TimeProvider time, ILogger<HubGrowth> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Window = TimeSpan.FromDays(1);

    /// <summary>A shorter time says little, because a database grows in steps.</summary>
    private static readonly TimeSpan ShortestTime = TimeSpan.FromMinutes(10);

    private readonly Queue<(DateTimeOffset At, long Bytes)> _sizes = new();
    private readonly Lock _lock = new();
    private readonly PeriodicTimer _timer = new(Interval, time);

    /// <summary>The growth in bytes a day; negative for a store that shrinks; null in the first minutes.</summary>
    public double? BytesPerDay
    {
        get
        {
            lock (_lock)
            {
                if (_sizes.Count == 0)
                {
                    return null;
                }

                var (first, last) = (_sizes.Peek(), _sizes.Last());
                return last.At - first.At < ShortestTime ? null : (last.Bytes - first.Bytes) / (last.At - first.At).TotalDays;
            }
        }
    }

    /// <summary>Adds a size of the store.</summary>
    public void Add(DateTimeOffset at, long bytes)
    {
        lock (_lock)
        {
            _sizes.Enqueue((at, bytes));
            while (at - _sizes.Peek().At > Window)
            {
                _sizes.Dequeue();
            }
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Store == HubStoreKind.None)
        {
            return;
        }

        try
        {
            do
            {
                await ReadAsync(stoppingToken);
            }
            while (await _timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var totals = await hub.TotalsAsync(cancellationToken);
            Add(time.GetUtcNow(), totals.StoreBytes);
        }
        catch (HubStoreException e)
        {
            HubGrowthLog.SizeUnknown(logger, e.Message, null); // a store that is away needs no trace each minute
        }
#pragma warning disable CA1031 // an error that left this method would end the whole program
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            HubGrowthLog.SizeUnknown(logger, e.Message, e);
        }
    }
}

/// <summary>What <see cref="HubGrowth"/> logs.</summary>
internal static partial class HubGrowthLog
{
    [LoggerMessage(112, LogLevel.Warning, "The size of the hub's store cannot be read: {Reason}", EventName = "HubSizeUnknown")]
    public static partial void SizeUnknown(ILogger logger, string reason, Exception? exception);
}
