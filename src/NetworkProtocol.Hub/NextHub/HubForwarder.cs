using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Client;
using NetworkProtocol.Edge;
using NetworkProtocol.Edge.Uplink;
using NetworkProtocol.Hub.Commands;

namespace NetworkProtocol.Hub.NextHub;

/// <summary>Forwards what the hub stores to the next hub, if the settings name one.</summary>
internal sealed class HubForwarder : IHostedService, IAsyncDisposable
{
    /// <summary>The client's name, which begins the name of its circuit breaker: <c>forward:host:port</c>.</summary>
    private const string ClientName = "forward";

    /// <summary>How long a rollup waits after its time is over, because most messages arrive a little late.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>How often rollups whose time is over are looked for, and the wait after an error.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Occasion _logFailure;
    private readonly HubForwardOptions _options;
    private readonly IHubStore _store;
    private Task _running = Task.CompletedTask;
    private volatile string? _problem;

    public HubForwarder(
        IOptions<HubOptions> options,
        IHubStore store,
        IOptions<BreakerOptions> breaker,
        HubMetrics metrics,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        (_options, _store, _time) = (options.Value.Forward, store, time);
        _logger = loggers.CreateLogger<HubForwarder>();
        _logFailure = new Occasion(TimeSpan.FromMinutes(1), time);
        if (_options.IsOn)
        {
            Forwarding = Create(store, breaker.Value, loggers);
            metrics.MeasureForward(
                () => Forwarding?.Acknowledged ?? 0, () => Forwarding?.Drops ?? [], () => Forwarding?.Waiting ?? 0);
        }
    }

    /// <summary>How this hub forwards; null if it does not.</summary>
    public IForwarding? Forwarding { get; }

    /// <summary>Why nothing leaves the store; null if something does, or could.</summary>
    public string? Problem => _problem;

    /// <summary>Waits until something has changed, but at most for <see cref="Interval"/>.</summary>
    public static async Task WaitAsync(Task changed, TimeProvider time, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(changed, Task.Delay(Interval, time, waiting.Token));
        await waiting.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <exception cref="IOException">The buffer's folder or file cannot be used; the message names it.</exception>
    /// <exception cref="InvalidOperationException">The store cannot forward.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_options.IsOn)
        {
            var forwarding = Forwarding ?? throw new InvalidOperationException($"{HubForwardOptions.Section}:Address = "
                + $"{_options.Address}: must be empty, because this hub's store cannot forward.");
            forwarding.Start();
        }

        _running = RunAsync(Forwarding, _stopping.Token);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running;
        if (Forwarding is not null)
        {
            await Forwarding.StopAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested)
        {
            await StopAsync(CancellationToken.None);
        }

        if (Forwarding is not null)
        {
            await Forwarding.DisposeAsync();
        }

        _stopping.Dispose();
    }

    private IForwarding? Create(IHubStore store, BreakerOptions breaker, ILoggerFactory loggers)
    {
        var edge = _options.ToEdge();
        switch (store)
        {
            case SqliteHubStore { Forward: var source }:
                var next = new MessageForwarder(edge, HubForwardOptions.Section, ClientName, breaker, _time, loggers);
                return new BufferedForwarding(source, next, CreateTally(next.Source, () => source.TooOld), _options, _time);
            case PostgresHubStore { Forward: var source }:
                var uplink = MessageUplink.Create(edge, HubForwardOptions.Section, ClientName, breaker, _time, loggers);
                return new SharedForwarding(source, uplink, CreateTally(uplink.Source, () => 0), _options, _time, _logger);
            default:
                return null;
        }
    }

    private ForwardTally CreateTally(string own, Func<long> tooLate) => new(own, _options, _time, _logger) { TooLate = tooLate };

    /// <summary>Has a store of this node alone forget what waits and the settings do not want.</summary>
    private async Task ForgetUnwantedAsync(CancellationToken cancellationToken)
    {
        if (_store is not SqliteHubStore { Forward: var source })
        {
            return;
        }

        var (messages, rollups) = (0L, 0L);
        try
        {
            (long Messages, long Rollups) slice;
            do
            {
                slice = await source.ForgetUnwantedAsync(cancellationToken);
                (messages, rollups) = (messages + slice.Messages, rollups + slice.Rollups);
            }
            while (slice != default);
        }
        finally
        {
            if (messages + rollups > 0)
            {
                HubLog.ForwardForgotten(_logger, messages, rollups);
            }
        }
    }

    private async Task RunAsync(IForwarding? forwarding, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await ForgetUnwantedAsync(cancellationToken); // first: else it would go out
                if (forwarding is null)
                {
                    return;
                }

                await forwarding.RunAsync(() => _problem = null, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever has failed, nothing is lost: it waits in the store, and forwarding must not end.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _problem = e.Message;
                if (forwarding is not null && _logFailure.IsNow())
                {
                    HubLog.ForwardFails(_logger, _options.Address, e.Message);
                }

                await Task.Delay(Interval, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
