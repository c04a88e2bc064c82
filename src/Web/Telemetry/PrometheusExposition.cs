using System.Diagnostics.Metrics;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Web.Node;
using Prometheus;

namespace NetworkProtocol.Web.Telemetry;

/// <summary>
/// Shows the instruments of <see cref="PrometheusTable"/> in <c>/metrics</c>. The instruments are read only during a collection.
/// </summary>
internal sealed class PrometheusExposition : BackgroundService
{
    private static readonly TimeSpan FirstCollection = TimeSpan.FromSeconds(1);

    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new(); // collections may be concurrent
    private readonly ServerMetrics _server;
    private readonly CollectorRegistry _registry;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly List<PrometheusFamily> _families = [];
    private readonly PrometheusDurations _durations;

    /// <param name="meters">The meter factory of this host: instruments of other hosts in the process are not shown.</param>
    /// <param name="server">The source of the durations.</param>
    /// <param name="registry">The registry that <c>/metrics</c> shows.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Logs a failure of the first collection.</param>
    public PrometheusExposition(
        IMeterFactory meters, ServerMetrics server, CollectorRegistry registry, TimeProvider time, ILogger<PrometheusExposition> logger)
    {
        (_server, _registry, _time, _logger) = (server, registry, time, logger);
        var factory = Metrics.WithCustomRegistry(registry);
        factory.ExemplarBehavior = ExemplarBehavior.NoExemplars();
        var rows = PrometheusTable.Rows.ToLookup(row => row.Instrument);
        _durations = new PrometheusDurations(
            PrometheusTable.DurationName, PrometheusTable.DurationHelp, PrometheusTable.DurationLabel, factory);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && rows.Contains(instrument.Name))
            {
                // Only now, so that a node has the metrics of the features alone that it uses.
                PrometheusFamily[] families = [.. rows[instrument.Name].Select(row => new PrometheusFamily(row, factory))];
                lock (_lock)
                {
                    _families.AddRange(families);
                }

                listener.EnableMeasurementEvents(instrument, families);
            }
        };
        _listener.SetMeasurementEventCallback<long>(Add);
        _listener.SetMeasurementEventCallback<double>(Observe);
        _listener.Start();
        registry.AddBeforeCollectCallback(Collect);
    }

    /// <summary>Whether <see cref="PrometheusTable"/> decides how the instrument is shown, so that no other adapter may show it.</summary>
    public static bool Shows(Instrument instrument) => PrometheusTable.Meters.Contains(instrument.Meter.Name);

    public override void Dispose()
    {
        _listener.Dispose();
        base.Dispose();
    }

    /// <summary>
    /// Runs the first collection, because prometheus-net counts the instruments of ASP.NET Core and the runtime only from then on, and that
    /// must not wait for the first scrape. The first collection is expensive because all its code runs for the first time, so it runs a
    /// second after the start.
    /// </summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(FirstCollection, _time, stoppingToken);
        try
        {
            await _registry.CollectAndExportAsTextAsync(Stream.Null, stoppingToken);
        }
#pragma warning disable CA1031 // A background service that fails stops the server, and an error in a meter must not do that.
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            SamplerLog.SampleFailed(_logger, e);
        }
    }

    private static void Add(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> attributes, object? families)
    {
        foreach (var family in (PrometheusFamily[])families!)
        {
            family.Add(value, attributes);
        }
    }

    private static void Observe(
        Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> attributes, object? families)
    {
        foreach (var family in (PrometheusFamily[])families!)
        {
            family.Observe(value);
        }
    }

    private void Collect()
    {
        lock (_lock)
        {
            _families.ForEach(family => family.Begin());
            _listener.RecordObservableInstruments();
            foreach (var family in _families)
            {
                family.Show();
            }

            foreach (var command in _server.ReadDurations())
            {
                _durations.Show(command);
            }
        }
    }
}
