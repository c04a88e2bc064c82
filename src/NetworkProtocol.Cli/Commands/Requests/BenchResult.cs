namespace NetworkProtocol.Cli.Commands.Requests;

/// <summary>What <see cref="BenchRun"/> has measured.</summary>
/// <param name="Rate">Messages a second.</param>
/// <param name="Latencies">The times of the requests.</param>
internal sealed record BenchResult(double Rate, OrderedTimes Latencies)
{
    /// <summary>One line for a person.</summary>
    public string Text => FormattableString.Invariant($"{Rate:0} messages/s, p50 {Latencies.At(0.5):0.000} ms, ")
        + FormattableString.Invariant($"p90 {Latencies.At(0.9):0.000} ms, p99 {Latencies.At(0.99):0.000} ms, ")
        + FormattableString.Invariant($"max {Latencies.At(1):0.000} ms");

    /// <summary>The same for a script; times are milliseconds.</summary>
    public (string Name, object Value)[] Fields =>
    [
        ("messagesPerSecond", Rate),
        ("p50", Latencies.At(0.5)),
        ("p90", Latencies.At(0.9)),
        ("p99", Latencies.At(0.99)),
        ("max", Latencies.At(1)),
    ];
}
