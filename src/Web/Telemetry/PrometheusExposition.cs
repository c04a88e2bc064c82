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
    private readonly PrometheusFamily[] _families;
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
        var histograms = PrometheusTable.Rows.Where(row => row.Buckets is not null).ToDictionary(
            row => row.Instrument,
            row => factory.CreateHistogram(row.Name, row.Help, new HistogramConfiguration { Buckets = [.. row.Buckets!] }));
        var families = PrometheusTable.Rows.Where(row => row.Buckets is null).ToLookup(row => row.Instrument, row => new PrometheusFamily(row, factory));
        _families = [.. families.SelectMany(family => family)];
        _durations = new PrometheusDurations(
            PrometheusTable.DurationName, PrometheusTable.DurationHelp, PrometheusTable.DurationLabel, factory);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && families.Contains(instrument.Name))
            {
                listener.EnableMeasurementEvents(instrument, families[instrument.Name].ToArray());
            }
            else if (instrument.Meter.Scope == meters && histograms.TryGetValue(instrument.Name, out var histogram))
            {
                listener.EnableMeasurementEvents(instrument, histogram);
            }
        };
        _listener.SetMeasurementEventCallback<int>((_, value, attributes, target) => Add(value, attributes, target));
        _listener.SetMeasurementEventCallback<long>((_, value, attributes, target) => Add(value, attributes, target));
        _listener.SetMeasurementEventCallback<double>((_, value, attributes, target) => Add(value, attributes, target));
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

    private static void Add(double value, ReadOnlySpan<KeyValuePair<string, object?>> attributes, object? target)
    {
        if (target is Histogram histogram) // it reports when something happens, and the others when they are collected
        {
            histogram.Observe(value);
            return;
        }

        foreach (var family in (PrometheusFamily[])target!)
        {
            family.Add(value, attributes);
        }
    }

    private void Collect()
    {
        lock (_lock)
        {
            Array.ForEach(_families, family => family.Begin());
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
