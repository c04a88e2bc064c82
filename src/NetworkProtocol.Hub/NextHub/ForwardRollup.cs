using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.NextHub;

/// <summary>A rollup that the next hub does not have as it is.</summary>
/// <param name="Series">The number of the series.</param>
/// <param name="Resolution">The length.</param>
/// <param name="Start">The beginning in milliseconds since 1970-01-01 UTC.</param>
/// <param name="Sum">The numbers; null if the rollup is too old to be kept, so that it is gone, or part of it may be.</param>
/// <param name="Source">The name of the source.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Field">The field.</param>
/// <param name="Unit">The unit.</param>
internal sealed record ForwardRollup(
    long Series, Resolution Resolution, long Start, RollupSum? Sum, string Source, string Topic, string Field, string Unit)
{
    /// <summary>The rollup as the next hub gets it; null if it is too old.</summary>
    public RollupReport? Report => Sum is { } sum
        ? new RollupReport(Field, Unit, (int)Resolution, Start, sum.Count, sum.Sum, sum.Min, sum.Max, sum.Last, sum.LastTime)
        : null;
}
