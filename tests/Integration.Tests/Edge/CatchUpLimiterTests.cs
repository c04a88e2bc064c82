using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Edge.Uplink;
using NetworkProtocol.Forwarding;

namespace Integration.Tests.Edge;

/// <summary>How fast a backlog goes out, by a clock of the test.</summary>
public sealed class CatchUpLimiterTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(10)]
    [InlineData(500)]
    [InlineData(2000)]
    [InlineData(50_000)]
    public void A_backlog_goes_out_at_the_rate_and_live_messages_on_top(int rate)
    {
        var limiter = new CatchUpLimiter(rate, _time);
        _time.Advance(TimeSpan.FromHours(1)); // while the hub is away, nothing is saved up
        var (live, sent, published) = (rate / 2, 0L, 1_000_000L);
        limiter.Begin(published);
        var began = _time.GetTimestamp();
        while (sent < 10L * (rate + live))
        {
            var wait = limiter.Wait(published, isFlushing: false);
            _time.Advance(wait);
            published = 1_000_000 + (long)(live * _time.GetElapsedTime(began).TotalSeconds);
            var batch = limiter.Allowance(isFlushing: false);
            Assert.InRange(batch, 1, Batch.MaxMessages);
            limiter.Spend(batch, isFlushing: false);
            sent += batch;
        }

        Assert.InRange(_time.GetElapsedTime(began).TotalSeconds, 9.5, 10.5);
    }

    [Fact]
    public void A_lane_that_has_caught_up_sends_a_live_message_without_a_long_wait()
    {
        var limiter = new CatchUpLimiter(catchUpRate: 10, _time);
        limiter.Begin(0);
        limiter.Spend(limiter.Allowance(isFlushing: false), isFlushing: false); // the last of the backlog
        Assert.InRange(limiter.Wait(published: 1, isFlushing: false).TotalSeconds, 0, 0.25);
        Assert.Equal(Batch.MaxMessages, limiter.Allowance(isFlushing: true));
    }
}
