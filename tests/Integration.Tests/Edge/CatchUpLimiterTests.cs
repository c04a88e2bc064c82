using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Edge.Uplink;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;
using NetworkProtocol.Hub.Commands;

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

    [Theory]
    [InlineData(10, 1)]
    [InlineData(1000, 100)]
    [InlineData(20_000, 400)]
    public void Lanes_that_share_what_a_hub_takes_send_no_more_together(int limit, int lanes)
    {
        var credits = new Credits(Options.Create(new HubOptions { MaxMessagesPerSecond = limit }), _time);
        var limiters = Enumerable.Range(0, lanes).Select(_ => new CatchUpLimiter(catchUpRate: 2000, _time)).ToArray();
        var next = new TimeSpan[lanes];
        Array.ForEach(limiters, limiter => limiter.Credit = credits.Of($"{Array.IndexOf(limiters, limiter)}", Lane.Bulk));
        var sent = 0;
        for (var now = TimeSpan.Zero; now < TimeSpan.FromSeconds(90); now += TimeSpan.FromMilliseconds(50))
        {
            for (var lane = 0; lane < lanes; lane++)
            {
                if (next[lane] <= now)
                {
                    var batch = limiters[lane].Allowance(isFlushing: false);
                    limiters[lane].Spend(batch, isFlushing: false);
                    limiters[lane].Credit = credits.Of($"{lane}", Lane.Bulk);
                    next[lane] = now + limiters[lane].Wait(published: 0, isFlushing: false);
                    sent += now >= TimeSpan.FromSeconds(30) ? batch : 0; // behind the first batches
                }
            }

            _time.Advance(TimeSpan.FromMilliseconds(50));
        }

        Assert.InRange(sent / 60.0, 0.8 * limit, 1.05 * limit);
    }
}
