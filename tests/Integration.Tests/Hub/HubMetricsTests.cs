using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Hub.Storage;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;
using NetworkProtocol.Hub.Sqlite;

namespace Integration.Tests.Hub;

/// <summary>What the hub's meter says of sources that lag, and of those that are silent.</summary>
public sealed class HubMetricsTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly IMeterFactory _meters = TestMeters.Create();

    [Fact]
    public void A_source_is_silent_since_its_last_message_in_any_lane_and_no_more_after_a_day()
    {
        var metrics = new HubMetrics(_meters, _time);
        Assert.Equal((0, 0), (Read("silence"), Read("lag")));
        Arrive(metrics, "edge1", Lane.Bulk, 7);
        Arrive(metrics, "edge2", Lane.Bulk, 3);
        _time.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal((1200, 0), (Read("silence"), Read("lag"))); // silent for too long to lag
        Arrive(metrics, "edge1", Lane.Alarm, 2);
        Arrive(metrics, "edge2", Lane.Bulk, 1);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((60, 2), (Read("silence"), Read("lag")));
        _time.Advance(TimeSpan.FromHours(23));
        Arrive(metrics, "edge2", Lane.Bulk, 1);
        Assert.Equal(82_860, Read("silence"));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(3600, Read("silence"));
    }

    private void Arrive(HubMetrics metrics, string source, Lane lane, long lagSeconds)
    {
        var counts = new StoredCounts();
        counts.Lags.Add((source, lane, _time.GetUtcNow().ToUnixTimeMilliseconds(), lagSeconds * 1000));
        metrics.Committed(TimeSpan.Zero, counts, 1);
    }

    private long Read(string what)
    {
        var read = -1L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, own) =>
            {
                if (instrument.Meter.Scope == _meters && instrument.Name == $"networkprotocol.hub.source.{what}.max")
                {
                    own.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => read = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return read;
    }
}
