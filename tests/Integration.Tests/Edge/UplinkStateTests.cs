using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Edge;
using NetworkProtocol.Edge.Uplink;
using NetworkProtocol.Forwarding;

namespace Integration.Tests.Edge;

/// <summary>Which reasons of an outage are news for the log.</summary>
public sealed class UplinkStateTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly UplinkState _state;

    public UplinkStateTests() => _state = new UplinkState(new EdgeMetrics(TestMeters.Create(), _time), _time);

    [Fact]
    public void A_reason_that_came_too_early_to_be_told_is_told_later()
    {
        Assert.True(_state.Down(Lane.Bulk, "no connection"));
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.False(_state.Down(Lane.Bulk, "the name is refused"));
        _time.Advance(TimeSpan.FromSeconds(40));
        Assert.True(_state.Down(Lane.Bulk, "the name is refused"));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.False(_state.Down(Lane.Bulk, "the name is refused"));
    }

    [Fact]
    public void The_same_reason_is_news_after_the_hub_was_back()
    {
        Assert.True(_state.Down(Lane.Bulk, "no connection"));
        Assert.True(_state.Up(Lane.Bulk));
        Assert.True(_state.Down(Lane.Bulk, "no connection"));
        Assert.True(_state.Down(Lane.Alarm, "no connection"));
    }
}
