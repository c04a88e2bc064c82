namespace NetworkProtocol.Web.Telemetry;

/// <summary>A metric of <c>/metrics</c> and the instrument that it shows.</summary>
/// <param name="Instrument">The instrument's name.</param>
/// <param name="Name">The metric's name.</param>
/// <param name="Help">Its help text.</param>
internal sealed record PrometheusRow(string Instrument, string Name, string Help)
{
    /// <summary>Whether the value may fall: a gauge, else a counter.</summary>
    public bool IsGauge { get; init; }

    /// <summary>The attributes that become labels; a metric adds up what differs in other attributes alone.</summary>
    public (string Attribute, string Label)[] Labels { get; init; } = [];

    /// <summary>The one value of an attribute that the metric shows; without it, all measurements.</summary>
    public (string Attribute, string Value)? Only { get; init; }
}
