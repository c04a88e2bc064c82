using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Client;
using NetworkProtocol.Edge;
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
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly IForwardSource? _source;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Occasion _logFailure;
    private readonly HubForwardOptions _options;
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
        (_options, _time) = (options.Value.Forward, time);
        _logger = loggers.CreateLogger<HubForwarder>();
        _logFailure = new Occasion(TimeSpan.FromMinutes(1), time);
        if (_options.IsOn)
        {
            _source = (store as SqliteHubStore)?.Forward;
            Next = new MessageForwarder(_options.ToEdge(), HubForwardOptions.Section, ClientName, breaker.Value, time, loggers);
            Handover = _source is null ? null : new Handover(_source, Next, _options, time, _logger);
            metrics.MeasureForward(() => Next.Acknowledged, () => Handover?.Drops ?? [], () => Next.Messages + (Handover?.Waiting ?? 0));
        }
    }

    /// <summary>The buffer and the uplink; null if this hub forwards nothing.</summary>
    public MessageForwarder? Next { get; }

    /// <summary>What fills the buffer, likewise.</summary>
    public Handover? Handover { get; }

    /// <summary>Why the buffer is not filled; null if it is.</summary>
    public string? Problem => _problem;

    /// <exception cref="IOException">The buffer's folder or file cannot be used; the message names it.</exception>
    /// <exception cref="InvalidOperationException">The store cannot forward.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (Next is not null)
        {
            var handover = Handover ?? throw new InvalidOperationException($"{HubForwardOptions.Section}:Address = {_options.Address}: "
                + "must be empty, because this hub's store cannot forward.");
            Next.Start();
            _running = RunAsync(handover, Next, _source!, _stopping.Token);
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running;
        if (Next is not null)
        {
            await Next.StopAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested)
        {
            await StopAsync(CancellationToken.None);
        }

        if (Next is not null)
        {
            await Next.DisposeAsync();
        }

        _stopping.Dispose();
    }

    private async Task RunAsync(Handover handover, MessageForwarder next, IForwardSource source, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await handover.BeginAsync(cancellationToken);
                while (true)
                {
                    var (stored, sent) = (source.Changed, next.Changed); // read before the step, so that nothing falls between the two
                    var outcome = await handover.StepAsync(cancellationToken);
                    _problem = null;
                    if (outcome != HandoverOutcome.Moved)
                    {
                        // An alarm that is stored may have room although bulk messages have none.
                        await WaitAsync(outcome == HandoverOutcome.Blocked ? Task.WhenAny(sent, stored) : stored, cancellationToken);
                    }
                }
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
                if (_logFailure.IsNow())
                {
                    HubLog.ForwardFails(_logger, _options.Address, e.Message);
                }

                await WaitAsync(Task.Delay(Timeout.Infinite, cancellationToken), CancellationToken.None);
            }
        }
    }

    private async Task WaitAsync(Task changed, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(changed, Task.Delay(Interval, _time, waiting.Token));
        await waiting.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }
}
