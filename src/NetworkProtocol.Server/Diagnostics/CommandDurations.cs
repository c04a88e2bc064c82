namespace NetworkProtocol.Server.Diagnostics;

/// <summary>How long the requests of one command took, since the start of the server.</summary>
public sealed class CommandDurations
{
    private const int LimitCount = 13;

    internal CommandDurations(string command, IReadOnlyList<long> counts, IReadOnlyList<TimeSpan> sums) =>
        (Command, Counts, Sums) = (command, counts, sums);

    /// <summary>The limits of the buckets: 1 µs, and each four times the limit before, up to 16.8 s.</summary>
    public static IReadOnlyList<TimeSpan> Limits { get; } =
        [.. Enumerable.Range(0, LimitCount).Select(power => TimeSpan.FromMicroseconds(1 << (2 * power)))];

    /// <summary>The command: <c>PING</c>, <c>ECHO</c>, or the name of a mapped one.</summary>
    public string Command { get; }

    /// <summary>
    /// How many requests were in each bucket: the bucket of a limit has what took no longer than the limit and longer than the limit
    /// before. One bucket more has what took longer than all limits.
    /// </summary>
    public IReadOnlyList<long> Counts { get; }

    /// <summary>How long the requests of each bucket took together.</summary>
    public IReadOnlyList<TimeSpan> Sums { get; }
}
