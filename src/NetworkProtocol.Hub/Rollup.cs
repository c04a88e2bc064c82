namespace NetworkProtocol.Hub;

/// <summary>What the numbers of a series were in one minute, hour or day.</summary>
/// <param name="Start">The beginning of that time.</param>
/// <param name="Count">How many numbers there were.</param>
/// <param name="Sum">Their sum.</param>
/// <param name="Min">The smallest.</param>
/// <param name="Max">The largest.</param>
/// <param name="Last">The last by time.</param>
public sealed record Rollup(DateTimeOffset Start, long Count, double Sum, double Min, double Max, double Last)
{
    /// <summary>The mean.</summary>
    public double Average => Sum / Count;
}
