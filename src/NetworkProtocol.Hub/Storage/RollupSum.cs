using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub.Storage;

/// <summary>The numbers of a series in one minute, hour or day, as far as they are known here.</summary>
internal record struct RollupSum
{
    private const long MillisecondsOfSecond = 1_000;

    public long Start { get; init; }

    public long Count { get; set; }

    public double Sum { get; set; }

    public double Min { get; set; }

    public double Max { get; set; }

    public double Last { get; set; }

    public long LastTime { get; set; }

    /// <summary>The length of a resolution in milliseconds.</summary>
    public static long LengthOf(Resolution resolution) => (long)resolution * MillisecondsOfSecond;

    public static RollupSum Of(long start, long time, double value) =>
        new() { Start = start, Count = 1, Sum = value, Min = value, Max = value, Last = value, LastTime = time };

    public static RollupSum Of(RollupReport report) => new()
    {
        Start = report.Start,
        Count = report.Count,
        Sum = report.Sum,
        Min = report.Min,
        Max = report.Max,
        Last = report.Last,
        LastTime = report.LastTime,
    };

    public void Add(in RollupSum other)
    {
        Count += other.Count;
        Sum = Math.Clamp(Sum + other.Sum, double.MinValue, double.MaxValue); // an infinite sum would not fit into JSON
        Min = Math.Min(Min, other.Min);
        Max = Math.Max(Max, other.Max);
        if (other.LastTime >= LastTime)
        {
            (Last, LastTime) = (other.Last, other.LastTime);
        }
    }
}
