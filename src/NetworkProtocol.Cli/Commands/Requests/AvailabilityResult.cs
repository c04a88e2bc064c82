using NetworkProtocol.Client;

namespace NetworkProtocol.Cli.Commands.Requests;

/// <summary>What <see cref="AvailabilityRun"/> has measured.</summary>
/// <param name="failures">How many requests failed, by kind.</param>
/// <param name="answered">How many requests were answered.</param>
/// <param name="silences">The longest time without an answer of each client.</param>
/// <param name="latencies">The times of the requests that were answered.</param>
internal sealed class AvailabilityResult(
    IReadOnlyDictionary<ProtocolErrorKind, int> failures, long answered, OrderedTimes silences, OrderedTimes latencies)
{
    private int Failed => failures.Values.Sum();

    /// <summary>One line for a person.</summary>
    public string Text => FormattableString.Invariant($"{answered} answered, {Failed} failed{Kinds}; longest time without an answer: ")
        + FormattableString.Invariant($"{silences.At(0.5):0} ms for half of the clients, {silences.At(0.99):0} ms for 99 %, ")
        + FormattableString.Invariant($"{silences.At(1):0} ms for all; ")
        + FormattableString.Invariant($"p50 {latencies.At(0.5):0.000} ms, p99 {latencies.At(0.99):0.000} ms");

    /// <summary>The same for a script; times are milliseconds.</summary>
    public (string Name, object Value)[] Fields =>
    [
        ("answered", answered),
        ("failed", Failed),
        ("failures", failures.ToDictionary(kind => kind.Key.ToString(), kind => kind.Value)),
        ("silenceP50", silences.At(0.5)),
        ("silenceP99", silences.At(0.99)),
        ("silenceMax", silences.At(1)),
        ("p50", latencies.At(0.5)),
        ("p99", latencies.At(0.99)),
    ];

    private string Kinds => Failed == 0 ? "" : $" ({string.Join(", ", failures.Select(kind => $"{kind.Value} {kind.Key}"))})";
}
