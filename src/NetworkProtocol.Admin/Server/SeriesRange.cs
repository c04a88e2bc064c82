namespace NetworkProtocol.Admin;

/// <summary>The time range of the charts.</summary>
public enum SeriesRange
{
    /// <summary>The last 15 minutes, one point a second: <c>15m</c>.</summary>
    Minutes15,

    /// <summary>The last 24 hours, one point every ten seconds: <c>24h</c>.</summary>
    Hours24,
}
