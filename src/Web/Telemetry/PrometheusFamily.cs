using Prometheus;

namespace NetworkProtocol.Web.Telemetry;

/// <summary>A metric of <c>/metrics</c> with the values of one collection.</summary>
internal sealed class PrometheusFamily
{
    private readonly PrometheusRow _row;
    private readonly Action<string[], long> _show;
    private readonly Histogram? _histogram;
    private readonly Dictionary<string, (string[] Labels, long Sum)> _sums = [];

    public PrometheusFamily(PrometheusRow row, MetricFactory factory)
    {
        _row = row;
        string[] labels = [.. row.Labels.Select(label => label.Label)];
        if (row.Buckets is { } buckets)
        {
            _histogram = factory.CreateHistogram(row.Name, row.Help, new HistogramConfiguration { Buckets = buckets });
            _show = (_, _) => { };
        }
        else if (row.IsGauge)
        {
            var gauge = factory.CreateGauge(row.Name, row.Help, labels);
            _show = (values, value) => gauge.WithLabels(values).Set(value);
        }
        else
        {
            var counter = factory.CreateCounter(row.Name, row.Help, labels);
            _show = (values, value) => counter.WithLabels(values).IncTo(value);
        }
    }

    public void Add(long value, ReadOnlySpan<KeyValuePair<string, object?>> attributes)
    {
        if (_row.Only is { } only && ValueOf(only.Attribute, attributes) != only.Value)
        {
            return;
        }

        var labels = new string[_row.Labels.Length];
        for (var at = 0; at < labels.Length; at++)
        {
            labels[at] = ValueOf(_row.Labels[at].Attribute, attributes);
        }

        var key = string.Join('\n', labels);
        _sums[key] = (labels, _sums.GetValueOrDefault(key).Sum + value);
    }

    /// <summary>Takes a measurement of a histogram, which is not collected but shown at once.</summary>
    public void Observe(double value) => _histogram?.Observe(value);

    /// <summary>Begins a collection. What a collection left that failed must not count twice.</summary>
    public void Begin() => _sums.Clear();

    /// <summary>Shows the sums of this collection.</summary>
    public void Show()
    {
        foreach (var (labels, sum) in _sums.Values)
        {
            _show(labels, sum);
        }
    }

    private static string ValueOf(string attribute, ReadOnlySpan<KeyValuePair<string, object?>> attributes)
    {
        foreach (var (name, value) in attributes)
        {
            if (name == attribute)
            {
                return value?.ToString() ?? "";
            }
        }

        return "";
    }
}
