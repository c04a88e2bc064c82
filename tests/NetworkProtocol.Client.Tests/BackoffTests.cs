using NetworkProtocol.Client.Pool;

namespace NetworkProtocol.Client.Tests;

/// <summary>The waits of many clients that lose their server at the same moment.</summary>
public sealed class BackoffTests
{
    private const int Clients = 50;
    private const int Runs = 200;

    [Fact]
    public void Each_wait_is_within_the_bounds_and_the_bound_grows()
    {
        var options = new ReconnectOptions();
        for (var run = 0; run < Runs; run++)
        {
            var backoff = new Backoff(options);
            for (var longest = 0.3; longest < 10; longest *= 3)
            {
                Assert.InRange(backoff.Next().TotalSeconds, 0.1, Math.Min(longest, 5));
            }

            backoff.Reset();
            Assert.InRange(backoff.Next().TotalSeconds, 0.1, 0.3);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(30)]
    [InlineData(300)]
    public void Clients_that_have_lost_their_server_for_some_seconds_do_not_return_in_the_same_second(int secondsAway)
    {
        // The numbers are random, and one run in some thousands has a fuller second.
        var shares = Enumerable.Range(0, Runs).Select(_ => FullestSecond(secondsAway)).Order().ToArray();
        Assert.True(shares[(int)(0.98 * Runs)] < 3, string.Join(' ', shares.TakeLast(20).Select(share => $"{share:0.00}")));
    }

    /// <summary>The reconnects of the fullest second, as a multiple of the mean.</summary>
    private static double FullestSecond(int secondsAway)
    {
        var times = Enumerable.Range(0, Clients).Select(_ => ReturnAfter(secondsAway)).ToArray();
        var fullest = times.Max(begin => times.Count(time => time >= begin && time < begin + 1));
        return fullest * Math.Max(1, times.Max() - times.Min()) / Clients;
    }

    private static double ReturnAfter(int secondsAway)
    {
        var backoff = new Backoff(new ReconnectOptions());
        var time = 0.0;
        while (time < secondsAway)
        {
            time += backoff.Next().TotalSeconds;
        }

        return time;
    }
}
