using NetworkProtocol.Admin;
using NetworkProtocol.Edge;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Web.Node;

/// <summary>
/// Reads the counters once a second, keeps a sample for each second of the last 15 minutes and for each ten seconds of the last 24 hours,
/// and then notifies the pages of the console. So a page is updated once a second, however busy the server is.
/// </summary>
internal sealed class Sampler(ServerMetrics metrics, EdgeMetrics edge, TimeProvider time, ILogger<Sampler> logger) : BackgroundService
{
    private const int SecondsKept = 15 * 60;
    private const int TensKept = 24 * 60 * 6;
    private const int SecondsOfPercentiles = 60;
    private const int TenSeconds = 10;

    private readonly PeriodicTimer _timer = new(TimeSpan.FromSeconds(1), time);
    private readonly Queue<DurationBuckets> _lastMinute = new([DurationBuckets.None]);
    private Reading _last = new(time.GetTimestamp(), metrics.Read(), DurationBuckets.None);
    private Reading? _lastTen;
    private volatile Rates _rates = new(0, 0, 0, 0, 0, 0, 0, null, null);

    /// <summary>Raised after each sample on the sampler's thread, so handlers must return quickly.</summary>
    public event Action? Sampled;

    /// <summary>A sample for each second of the last 15 minutes.</summary>
    public SampleRing Seconds { get; } = new(SecondsKept, TimeSpan.FromSeconds(1));

    /// <summary>A sample for each ten seconds of the last 24 hours.</summary>
    public SampleRing Tens { get; } = new(TensKept, TimeSpan.FromSeconds(TenSeconds));

    public Rates Rates => _rates;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // The first sample is expensive because all its code runs for the first time. So it is taken a second after the start.
            while (await _timer.WaitForNextTickAsync(stoppingToken))
            {
                TrySample();
                NotifyPages();
            }
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
    }

    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    private void TrySample()
    {
        try
        {
            TakeSample();
        }
#pragma warning disable CA1031 // A background service that fails stops the server, and an error in a meter must not do that.
        catch (Exception e)
#pragma warning restore CA1031
        {
            SamplerLog.SampleFailed(logger, e);
        }
    }

    private void TakeSample()
    {
        var now = new Reading(time.GetTimestamp(), metrics.Read(), DurationBuckets.Of(metrics.ReadDurations()));
        var sample = Between(_last, now);
        Seconds.Add(sample);
        _lastTen ??= _last;
        _last = now;
        if (time.GetElapsedTime(_lastTen.At, now.At).TotalSeconds >= TenSeconds - 0.5)
        {
            Tens.Add(Between(_lastTen, now));
            _lastTen = now;
        }

        var minute = now.Durations.Since(_lastMinute.Peek());
        _lastMinute.Enqueue(now.Durations);
        if (_lastMinute.Count > SecondsOfPercentiles)
        {
            _lastMinute.Dequeue();
        }

        _rates = new Rates(
            sample.Received, sample.Sent, sample.BytesIn, sample.BytesOut,
            sample.HandshakesGood, sample.HandshakesRefused, sample.Errors,
            Number(minute.Quantile(0.5)), Number(minute.Quantile(0.99)));
    }

    private Sample Between(Reading then, Reading now)
    {
        var seconds = Math.Max(time.GetElapsedTime(then.At, now.At).TotalSeconds, 0.001);
        float Rate(long before, long after) => (float)((after - before) / seconds);
        var durations = now.Durations.Since(then.Durations);
        return new Sample(
            now.Counts.Active,
            Rate(then.Counts.MessagesReceived, now.Counts.MessagesReceived),
            Rate(then.Counts.MessagesSent, now.Counts.MessagesSent),
            Rate(then.Counts.BytesReceived, now.Counts.BytesReceived),
            Rate(then.Counts.BytesSent, now.Counts.BytesSent),
            Rate(then.Counts.HandshakesGood, now.Counts.HandshakesGood),
            Rate(then.Counts.HandshakesRefused, now.Counts.HandshakesRefused),
            Rate(then.Counts.Errors, now.Counts.Errors),
            (float)durations.Quantile(0.5),
            (float)durations.Quantile(0.99),
            edge.Buffered);
    }

    private void NotifyPages()
    {
        foreach (var page in Sampled?.GetInvocationList().Cast<Action>() ?? [])
        {
            try
            {
                page();
            }
#pragma warning disable CA1031 // An error in one page must not stop the sampler or the updates of the other pages.
            catch (Exception e)
#pragma warning restore CA1031
            {
                SamplerLog.PageFailed(logger, e);
            }
        }
    }

    private static double? Number(double value) => double.IsNaN(value) ? null : Math.Round(value, 4);

    private sealed record Reading(long At, ServerCounts Counts, DurationBuckets Durations);
}

/// <summary>What <see cref="Sampler"/> logs.</summary>
internal static partial class SamplerLog
{
    [LoggerMessage(110, LogLevel.Error, "A page of the console could not be updated", EventName = "PageFailed")]
    public static partial void PageFailed(ILogger logger, Exception exception);

    [LoggerMessage(111, LogLevel.Error, "The metrics could not be read", EventName = "SampleFailed")]
    public static partial void SampleFailed(ILogger logger, Exception exception);
}
