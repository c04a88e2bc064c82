using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Edge;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Edge.Uplink;
using NetworkProtocol.Forwarding;

namespace Integration.Tests.Edge;

/// <summary>What a program sees of its edge, and what an operator changes of it, without a hub.</summary>
public sealed class EdgeControlTests : IAsyncDisposable, IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("np-");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero));
    private readonly ServiceProvider _services;

    public EdgeControlTests()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddSingleton<TimeProvider>(_time);
        services.AddEdge(edge => (edge.HubAddress, edge.Path, edge.Source, edge.OfflineBufferSize) =
            ("127.0.0.1:1", _folder.FullName, "edge1", 8));
        _services = services.BuildServiceProvider();
    }

    private EdgeControl Control => _services.GetRequiredService<EdgeControl>();

    private MessageBuffer Buffer => _services.GetRequiredService<MessageBuffer>();

    private UplinkSwitch Switch => _services.GetRequiredService<UplinkSwitch>();

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_status_says_what_is_in_the_buffer_and_what_was_dropped()
    {
        Assert.Throws<InvalidOperationException>(() => Control.ReadStatus()); // the host has not started
        Buffer.Open();
        await AppendAsync(10);
        await AppendAsync(1, Lane.Alarm);
        _time.Advance(TimeSpan.FromSeconds(30));
        var status = Control.ReadStatus();
        Assert.Equal(("edge1", "127.0.0.1:1", 8L, false), (status.Source, status.HubAddress, status.MaxMessages, status.IsPaused));
        var (bulk, alarm) = (status.Lanes[0], status.Lanes[1]);
        Assert.Equal((7L, 0L, 11L, 3L), (bulk.Messages, bulk.Mark, bulk.Next, bulk.UntoldLosses));
        Assert.Equal((1L, 2L, 0L), (alarm.Messages, alarm.Next, alarm.UntoldLosses));
        Assert.Equal((null, null), (bulk.IsUp, bulk.TimeToEmpty));
        Assert.Equal(10 / 30.0, bulk.InPerSecond, precision: 3);
        var full = status.Drops.Single(drop => drop.Reason == "full");
        Assert.Equal((3L, _time.GetUtcNow().AddSeconds(-30)), (full.Count, full.LastAt));
        Assert.All(status.Drops.Where(drop => drop != full), drop => Assert.Equal((0L, null), (drop.Count, drop.LastAt)));
    }

    [Fact]
    public async Task A_discard_drops_what_was_seen_and_tells_the_hub_and_later_messages_stay()
    {
        Buffer.Open();
        await AppendAsync(4);
        await AppendAsync(1, expires: _time.GetUtcNow().AddSeconds(1).ToUnixTimeMilliseconds()); // number 5
        await AppendAsync(2);
        var seen = Control.ReadStatus();
        Assert.Equal(7, seen.Lanes.Sum(lane => lane.Messages));
        _time.Advance(TimeSpan.FromSeconds(2));
        await AppendAsync(1); // number 8; 5 expires
        await Buffer.RunAsync(file => file.Acknowledge(Lane.Bulk, 2, null), CancellationToken.None);

        var discard = await Control.DiscardAsync(seen.Lanes.ToDictionary(lane => lane.Lane, lane => lane.Next - 1), 7);
        Assert.Equal((true, 4L, null), (discard.IsDone, discard.Messages, discard.Problem));
        var (batch, _) = await Buffer.RunAsync(file => BatchBuilder.Next(file, Lane.Bulk, "edge1"), CancellationToken.None);
        Assert.Equal([8L], batch!.Messages.Select(message => message.Sequence));
        Assert.Equal(
            [new Loss(3, 2, LossReason.Discarded), new Loss(5, 1, LossReason.Expired), new Loss(6, 2, LossReason.Discarded)], batch.Losses);
        var after = Control.ReadStatus();
        Assert.Equal((1L, 5L), (after.Lanes[0].Messages, after.Lanes[0].UntoldLosses));
        Assert.Equal(BufferedMessage.Overhead + 2, after.Lanes[0].Bytes);
        Assert.Equal(4, after.Drops.Single(drop => drop.Reason == "discarded").Count);
    }

    [Fact]
    public async Task A_discard_of_more_than_was_seen_or_of_another_buffer_drops_nothing()
    {
        Buffer.Open();
        await AppendAsync(3);
        var more = await Control.DiscardAsync(new Dictionary<Lane, long> { [Lane.Bulk] = 3 }, 2);
        Assert.Equal((false, "3 messages would be discarded, which is more than 2."), (more.IsDone, more.Problem));
        var other = await Control.DiscardAsync(new Dictionary<Lane, long> { [Lane.Bulk] = 4 }, 100);
        Assert.False(other.IsDone);
        Assert.Contains("made anew", other.Problem, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => Control.DiscardAsync(new Dictionary<Lane, long> { [(Lane)7] = 1 }, 100));
        Assert.Equal(3, Control.ReadStatus().Lanes[0].Messages);
        Assert.Equal(0, Control.ReadStatus().Drops.Sum(drop => drop.Count));
    }

    [Fact]
    public async Task A_pause_is_seen_and_holds_the_lanes_until_it_ends()
    {
        Buffer.Open();
        await Switch.WhileResumedAsync(CancellationToken.None);
        Assert.Equal((true, false), (Control.Pause(), Control.Pause()));
        Assert.Equal((true, "an operator has paused the uplink"), (Control.ReadStatus().IsPaused, Control.ReadStatus().UplinkError));
        var lane = Switch.WhileResumedAsync(CancellationToken.None);
        Assert.False(lane.IsCompleted);
        Assert.Equal((true, false), (Control.Resume(), Control.Resume()));
        await lane.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(Control.ReadStatus().IsPaused);
    }

    [Fact]
    public async Task A_flush_ends_a_wait_and_lifts_the_limit_for_what_is_in_the_buffer()
    {
        Buffer.Open();
        await AppendAsync(3);
        var wait = Switch.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.False(wait.IsCompleted);
        Assert.False(Switch.IsFlushing(Lane.Bulk, 0));
        Assert.Equal(3, await Control.FlushAsync());
        await wait.WaitAsync(TimeSpan.FromSeconds(30)); // by the clock of the test it has a minute to go
        Assert.Equal((true, false), (Switch.IsFlushing(Lane.Bulk, 2), Switch.IsFlushing(Lane.Bulk, 3)));
        Assert.False(Switch.IsFlushing(Lane.Alarm, 0));
        var next = Switch.WaitAsync(TimeSpan.FromSeconds(1), CancellationToken.None); // one flush ends no later wait
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await next;
    }

    [Fact]
    public void A_flush_needs_the_hubs_credit_but_no_right_of_the_catch_up_rate()
    {
        var limiter = new CatchUpLimiter(catchUpRate: 10, _time);
        limiter.Spend(5000, isFlushing: true);
        Assert.Equal(TimeSpan.Zero, limiter.Wait(published: 0, isFlushing: false));
        limiter.Spend(600, isFlushing: false);
        Assert.Equal(TimeSpan.FromSeconds(10), limiter.Wait(published: 0, isFlushing: false));
        Assert.Equal(TimeSpan.Zero, limiter.Wait(published: 0, isFlushing: true));
        limiter.Credit = 100;
        limiter.Spend(600, isFlushing: true);
        Assert.Equal(TimeSpan.FromSeconds(1), limiter.Wait(published: 0, isFlushing: true));
    }

    [Fact]
    public void A_rate_is_that_of_the_last_minute()
    {
        var rate = new MinuteRate(_time);
        Assert.Equal(0, rate.PerSecond);
        rate.Add(30);
        Assert.Equal(30, rate.PerSecond); // not infinitely many in no time
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(1, rate.PerSecond, precision: 3);
        rate.Add(30);
        _time.Advance(TimeSpan.FromSeconds(40)); // the first 30 are older than a minute
        Assert.Equal(30 / 59.0, rate.PerSecond, precision: 3);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, rate.PerSecond);
        rate.Add(59);
        Assert.Equal(1, rate.PerSecond, precision: 3);
    }

    private async Task AppendAsync(int count, Lane lane = Lane.Bulk, long? expires = null)
    {
        for (var i = 0; i < count; i++)
        {
            await Buffer.AppendAsync(
                new BufferedMessage(lane, _time.GetUtcNow().ToUnixTimeMilliseconds(), expires, "t", Encoding.UTF8.GetBytes("1")),
                CancellationToken.None);
        }
    }
}
