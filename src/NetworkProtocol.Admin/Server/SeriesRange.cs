namespace NetworkProtocol.Admin;

/// <summary>Which points of the charts.</summary>
public enum SeriesRange
{
    /// <summary>The last 15 minutes by second: <c>15m</c>.</summary>
    Minutes15,

    /// <summary>The last 24 hours by ten seconds: <c>24h</c>.</summary>
    Hours24,
}
