using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>
/// The messages that one transaction has dropped. Those that are on their way to the hub are counted apart: if the hub has taken them,
/// they are not lost, and the hub does not count them as lost either.
/// </summary>
internal sealed class DropTally
{
    private readonly Dictionary<(Lane Lane, Drop Drop, bool IsInDoubt), long> _counts = [];

    public void Add(Lane lane, Drop drop, bool isInDoubt) =>
        _counts[(lane, drop, isInDoubt)] = _counts.GetValueOrDefault((lane, drop, isInDoubt)) + 1;

    public void Clear() => _counts.Clear();

    public void AddTo(EdgeMetrics metrics)
    {
        foreach (var ((lane, drop, isInDoubt), count) in _counts)
        {
            if (isInDoubt)
            {
                metrics.DroppedInDoubt(lane, drop, count);
            }
            else
            {
                metrics.Dropped(drop, count);
            }
        }
    }
}
