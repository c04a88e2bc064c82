namespace NetworkProtocol.Web.Telemetry;

/// <summary>A row of <see cref="PrometheusTable"/>: a metric of <c>/metrics</c> and the instrument that it shows.</summary>
/// <param name="Instrument">The instrument's name.</param>
/// <param name="Name">The metric's name.</param>
/// <param name="Help">The help text of the metric.</param>
internal sealed record PrometheusRow(string Instrument, string Name, string Help)
{
    /// <summary>Whether the metric is a gauge, whose value may fall, or a counter.</summary>
    public bool IsGauge { get; init; }

    /// <summary>The boundaries in seconds of a histogram; null for a gauge or a counter. A histogram has no labels.</summary>
    public double[]? Buckets { get; init; }

    /// <summary>The attributes that become labels. Measurements that differ only in other attributes are added up.</summary>
    public (string Attribute, string Label)[] Labels { get; init; } = [];

    /// <summary>If set, the metric shows only the measurements with this value of the attribute.</summary>
    public (string Attribute, string Value)? Only { get; init; }
}
