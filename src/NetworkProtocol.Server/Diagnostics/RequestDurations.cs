using System.Collections.Immutable;
using System.Diagnostics.Metrics;

namespace NetworkProtocol.Server.Diagnostics;

/// <summary>How long requests take, by command, and the instrument for it.</summary>
internal sealed class RequestDurations(Meter meter)
{
    private readonly Histogram<double> _instrument = meter.CreateHistogram(
        "networkprotocol.server.request.duration",
        "s",
        "Time from a request's decoding, or from the end of a flush before it, to its answer.",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [.. CommandDurations.Limits.Select(limit => limit.TotalSeconds)],
        });

    private readonly Lock _lock = new();
    private ImmutableArray<DurationHistogram> _histograms = [];

    /// <summary>The histogram of a command, which is made when it is first asked for.</summary>
    public DurationHistogram Of(string command)
    {
        lock (_lock)
        {
            var histogram = _histograms.FirstOrDefault(histogram => histogram.Command == command);
            if (histogram is null)
            {
                histogram = new DurationHistogram(command, _instrument);
                _histograms = _histograms.Add(histogram);
            }

            return histogram;
        }
    }

    public IReadOnlyList<CommandDurations> Read() => [.. _histograms.Select(histogram => histogram.Read())];
}
