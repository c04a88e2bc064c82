using System.Globalization;
using System.Text;
using Integration.Tests.Console;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;
using NetworkProtocol.Hub.NextHub;

namespace Integration.Tests.Hub;

/// <summary>
/// What waits in a hub's store goes into the store of the next hub, without a network and with a clock that the test controls: what every
/// store of a hub promises.
/// </summary>
public abstract class ForwardTests : IAsyncDisposable, IAsyncLifetime
{
    private protected static readonly HubQuery All = new(HubQuery.MaxSize);

    private readonly long[] _sent = new long[2];
    private SqliteHubStore? _cloud;

    private protected TemporaryFolder Folder { get; } = new();

    private protected FakeTimeProvider Time { get; } = new(Batches.Start);

    private protected HubOptions Options { get; } = new() { Forward = { Address = "127.0.0.1:1", Source = "hub" } };

    private protected IHubStore Hub { get; set; } = null!;

    private protected SqliteHubStore Cloud => _cloud!;

    private protected abstract ForwardTally Tally { get; }

    public virtual async Task InitializeAsync()
    {
        _cloud = new SqliteHubStore(
            Path.Combine(Folder.Path, "cloud.db"),
            new HubOptions { Forward = { Address = "127.0.0.1:1" } },
            new HubMetrics(TestMeters.Create(), Time),
            Time);
        await _cloud.OpenAsync();
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await CloseHubAsync();
        await Cloud.DisposeAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Rollups_are_forwarded_when_their_time_is_over_and_again_when_late_data_changes_them()
    {
        await OpenAsync(ForwardWhat.Rollups);
        await SendAsync(0, 10, 59, 60, 61);
        await MoveAsync();
        Assert.Empty((await Cloud.SeriesAsync(null, null, All)).Items);
        Time.Advance(TimeSpan.FromSeconds(64.9));
        await MoveAsync();
        Assert.Empty((await Cloud.SeriesAsync(null, null, All)).Items);
        Time.Advance(TimeSpan.FromSeconds(0.1));
        await MoveAsync();
        var series = Assert.Single((await Cloud.SeriesAsync(null, null, All)).Items);
        Assert.Equal(("hub", "edge/room/temperature", 59), (series.Source, series.Topic, (int)(double)series.Last.Value!));
        Assert.Equal(new Rollup(Batches.Start, 3, 69, 0, 59, 59), Assert.Single(await RollupsAsync(Cloud, Resolution.Minute)));
        Assert.Empty((await Cloud.ReadingsAsync(series.Id, default, All)).Items);
        var beyond = Assert.Single((await Cloud.Forward.ReadDueAsync(10, default)).Rollups); // the cloud could forward it in turn
        Assert.Equal(("hub", "edge/room/temperature", 3), (beyond.Source, beyond.Topic, (int)beyond.Sum!.Value.Count));

        // The second minute is over, and nobody has sent since: it is still the open one.
        Time.Advance(TimeSpan.FromSeconds(60));
        await MoveAsync();
        Assert.Equal(2, (await RollupsAsync(Cloud, Resolution.Minute)).Count);
        await SendAsync(30, 62); // late for the first minute, and for the second one that was forwarded while it was open
        await MoveAsync();
        await AssertSameAsync(Resolution.Minute);
        Assert.Equal([4, 3], (await RollupsAsync(Cloud, Resolution.Minute)).Select(one => (int)one.Count));

        Time.Advance(TimeSpan.FromDays(1));
        await SendAsync(86_400); // closes hour and day
        await SendAsync(3_000);
        await MoveAsync();
        await AssertSameAsync(Resolution.Hour);
        await AssertSameAsync(Resolution.Day);
        Assert.Equal(8, Assert.Single(await RollupsAsync(Cloud, Resolution.Day)).Count);
        Time.Advance(TimeSpan.FromDays(2));
        await MoveAsync();
        await AssertSameAsync(Resolution.Day);
        Assert.Equal(2, (await RollupsAsync(Cloud, Resolution.Day)).Count);
    }

    [Fact]
    public async Task Messages_and_rollups_together_count_each_message_once()
    {
        await OpenAsync(ForwardWhat.Both);
        await SendAsync(0, 1, 2);
        await MoveAsync();
        await SendAsync(3);
        Time.Advance(TimeSpan.FromSeconds(65));
        await SendAsync(Lane.Alarm, 4);
        await MoveAsync();
        await SendAsync(5);
        await MoveAsync();
        await AssertSameAsync(Resolution.Minute);
        Assert.Equal([0, 1, 2, 3, 4, 5], await ReadingsAsync(Cloud));
    }

    [Fact]
    public async Task Beyond_the_backlogs_bound_the_oldest_are_not_forwarded()
    {
        Options.Forward.MaxBacklog = 10;
        await OpenAsync(ForwardWhat.Both);
        await SendAsync([.. Enumerable.Range(0, 30).Select(minute => minute * 60)]);
        Time.Advance(TimeSpan.FromMinutes(40));
        await MoveAsync();
        Assert.Equal((20 + 20, 20), ((int)Tally.Dropped, (int)Tally.Waiting));
        Assert.Equal(Enumerable.Range(20, 10).Select(minute => minute * 60), await ReadingsAsync(Cloud));
        Assert.Equal(40, (await Cloud.TotalsAsync()).Lost); // it is told
        Assert.Equal(30, (await Hub.TotalsAsync()).Messages);
    }

    [Fact]
    public async Task A_rollup_that_changes_while_the_clock_is_set_back_is_forwarded_again()
    {
        await OpenAsync(ForwardWhat.Rollups);
        await SendAsync(0);
        Time.Advance(TimeSpan.FromSeconds(65));
        await MoveAsync();
        Time.AdjustTime(Batches.Start.AddSeconds(30));
        await SendAsync(1);
        Time.Advance(TimeSpan.FromMinutes(1));
        await MoveAsync();
        Assert.Equal(2, Assert.Single(await RollupsAsync(Cloud, Resolution.Minute)).Count);
    }

    [Fact]
    public async Task Late_data_for_a_rollup_that_the_hub_has_deleted_does_not_replace_the_clouds()
    {
        Options.Retention.Minutes = TimeSpan.FromHours(1);
        await OpenAsync(ForwardWhat.Rollups);
        await SendAsync([.. Enumerable.Range(0, 30)]);
        Time.Advance(TimeSpan.FromHours(2));
        await MoveAsync(); // it was away all the time, and the hub has not deleted anything yet
        Assert.Equal(1, Tally.TooOld);
        Assert.Empty(await RollupsAsync(Cloud, Resolution.Minute));
        Assert.Equal(30, Assert.Single(await RollupsAsync(Cloud, Resolution.Hour)).Count);
        await SendAsync([.. Enumerable.Range(7200, 30)]);
        Time.Advance(TimeSpan.FromMinutes(2));
        await MoveAsync();
        Time.Advance(TimeSpan.FromHours(2));
        await Hub.RetainAsync(Time.GetUtcNow());
        await SendAsync([.. Enumerable.Range(7230, 29)]);
        await SendAsync(7259);
        await MoveAsync();
        Assert.Equal(30, Assert.Single(await RollupsAsync(Cloud, Resolution.Minute)).Count);
        Assert.Equal(60, (await RollupsAsync(Cloud, Resolution.Hour))[^1].Count);
        Assert.Equal(("retention", 2), Tally.Drops(0, 0).Single(one => one.Reason == "retention"));
    }

    [Fact]
    public async Task Beyond_the_backlogs_size_the_oldest_are_not_forwarded()
    {
        const int Size = 72; // the edge's name, the topic, two digits, and what a row takes
        Options.Forward.MaxBacklogBytes = 10 * Size;
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync(Lane.Alarm, [.. Enumerable.Range(10, 5)]);
        await SendAsync([.. Enumerable.Range(20, 30)]);
        Time.Advance(TimeSpan.FromSeconds(10));
        await MoveAsync();
        Assert.Equal((25, 10), ((int)Tally.Dropped, (int)Tally.Waiting));
        Assert.Equal([10, 11, 12, 13, 14, 45, 46, 47, 48, 49], await ReadingsAsync(Cloud));
    }

    [Fact]
    public async Task Each_message_that_the_store_takes_brings_the_right_to_send_one_beside_the_backlog()
    {
        Options.Forward.BufferSize = 10;
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync([.. Enumerable.Range(0, 50)]);
        await CloseHubAsync();
        await OpenAsync(ForwardWhat.Messages);
        await LookAsync();
        Assert.Equal(0, NewOf(Lane.Bulk)); // the backlog's
        await SendAsync([.. Enumerable.Range(50, 600)]); // the buffer is full
        await SendAsync(Lane.Alarm, 650);
        await LookAsync();
        Assert.Equal((600, 1), (NewOf(Lane.Bulk), NewOf(Lane.Alarm)));
        await MoveAsync();
        Assert.Equal((600, 1), (NewOf(Lane.Bulk), NewOf(Lane.Alarm)));
    }

    [Fact]
    public async Task Beyond_the_backlogs_bound_no_alarm_is_dropped_while_there_are_bulk_messages()
    {
        Options.Forward.MaxBacklog = 10;
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync(Lane.Alarm, [.. Enumerable.Range(0, 5)]);
        await SendAsync([.. Enumerable.Range(5, 30)]);
        Time.Advance(TimeSpan.FromSeconds(10));
        await MoveAsync();
        Assert.Equal((25, 10), ((int)Tally.Dropped, (int)Tally.Waiting));
        Assert.Equal([0, 1, 2, 3, 4, 30, 31, 32, 33, 34], await ReadingsAsync(Cloud));
    }

    [Fact]
    public async Task A_rollup_that_the_hub_deletes_while_it_waits_is_counted()
    {
        Options.Retention.Minutes = TimeSpan.FromHours(1);
        await OpenAsync(ForwardWhat.Rollups);
        await SendAsync(0, 60);
        Time.Advance(TimeSpan.FromHours(2));
        await Hub.RetainAsync(Time.GetUtcNow());
        await MoveAsync();
        Assert.Equal(2, Tally.TooOld);
        Assert.Equal(2, Assert.Single(await RollupsAsync(Cloud, Resolution.Hour)).Count);
    }

    [Fact]
    public async Task A_topic_that_is_too_long_with_its_source_is_counted_and_holds_up_nothing()
    {
        await OpenAsync(ForwardWhat.Both);
        var longest = new string('x', Topic.MaxBytes - "edge/".Length);
        await SendAsync(Lane.Bulk, [0, 1, 2], number => number == 1 ? longest + "y" : longest);
        Time.Advance(TimeSpan.FromMinutes(2));
        await MoveAsync();
        await SendAsync(Lane.Bulk, [4], _ => longest + "y"); // which changes the minute
        await MoveAsync();
        Assert.Equal(3, Tally.TooLong); // two messages and their minute
        Assert.Equal([0, 2], await ReadingsAsync(Cloud));
        Assert.Equal("edge/" + longest, Assert.Single((await Cloud.SeriesAsync(null, null, All)).Items).Topic);
    }

    [Fact]
    public async Task The_name_of_a_source_is_one_level_of_the_topic()
    {
        await OpenAsync(ForwardWhat.Messages);
        await SendAsync("plant", "e1/t");
        await SendAsync("plant/e1", "t");
        await SendAsync("plant%2Fe1", "t");
        await MoveAsync();
        Assert.Equal(
            ["plant%252Fe1/t", "plant%2Fe1/t", "plant/e1/t"],
            (await Cloud.SeriesAsync(null, null, All)).Items.Select(series => series.Topic).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_comes_back_from_the_next_hub_is_not_forwarded_for_ever()
    {
        await OpenAsync(ForwardWhat.Both);
        await SendAsync("edge", "hub/t"); // a sensor's own topic
        await SendAsync("cloud", "hub/cloud/hub/edge/t");
        Time.Advance(TimeSpan.FromMinutes(2));
        await MoveAsync();
        Assert.Equal("edge/hub/t", Assert.Single((await Cloud.SeriesAsync(null, null, All)).Items).Topic);
        Assert.Equal(2, Tally.Looped); // the message and its minute
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_began_before_a_hub_forwards_is_forwarded_when_its_time_is_over(bool goesOn)
    {
        await OpenAsync(null);
        await SendAsync(0, 1);
        await CloseHubAsync();
        await OpenAsync(ForwardWhat.Rollups);
        await (goesOn ? SendAsync(2) : Task.CompletedTask);
        Time.Advance(TimeSpan.FromSeconds(65));
        await MoveAsync();
        await AssertSameAsync(Resolution.Minute);
        Assert.Equal(goesOn ? 3 : 2, Assert.Single(await RollupsAsync(Cloud, Resolution.Minute)).Count);
    }

    /// <summary>Opens the store of a hub that forwards; null: nothing.</summary>
    private protected async Task OpenAsync(ForwardWhat? what)
    {
        Options.Forward.Address = what is null ? "" : "127.0.0.1:1";
        Options.Forward.What = what ?? ForwardWhat.Rollups;
        Hub = CreateHub();
        await Hub.OpenAsync();
        if (what is not null)
        {
            await BeginAsync();
        }
    }

    private protected abstract IHubStore CreateHub();

    private protected abstract Task BeginAsync();

    private protected virtual Task CloseHubAsync() => Hub?.DisposeAsync().AsTask() ?? Task.CompletedTask;

    /// <summary>Moves everything from the hub's store into the cloud's.</summary>
    private protected abstract Task MoveAsync();

    /// <summary>Has the hub look for what is new in its store.</summary>
    private protected abstract Task LookAsync();

    /// <summary>How many messages of a lane were new so far.</summary>
    private protected abstract long NewOf(Lane lane);

    /// <summary>Brings a batch to the cloud.</summary>
    private protected async Task DeliverAsync(Batch batch)
    {
        await Cloud.HelloAsync("", new Hello("hub", batch.Lane, batch.Epoch, batch.First, null));
        Assert.Equal(AppendStatus.Stored, (await Cloud.AppendAsync("", batch)).Status);
    }

    /// <summary>The store of the hub is an older one, to which an edge had sent so many messages.</summary>
    private protected void ForgetAfter(long sent) => _sent[(int)Lane.Bulk] = sent;

    private protected Task SendAsync(params int[] seconds) => SendAsync(Lane.Bulk, seconds);

    private protected Task SendAsync(Lane lane, params int[] seconds) => SendAsync(lane, seconds, _ => "room/temperature");

    /// <summary>An edge sends numbers, each so many seconds after the start as it says.</summary>
    private protected async Task SendAsync(Lane lane, int[] seconds, Func<int, string> topic)
    {
        await Hub.HelloAsync("", new Hello("edge", lane, 1, 1, null));
        var first = _sent[(int)lane] + 1;
        var answer = await Hub.AppendAsync("", new Batch(
            "edge",
            lane,
            1,
            first,
            [.. seconds.Select((second, i) => new BatchMessage(
                first + i,
                Batches.Start.AddSeconds(second).ToUnixTimeMilliseconds(),
                topic(second),
                Encoding.UTF8.GetBytes(second.ToString(CultureInfo.InvariantCulture))))],
            []));
        Assert.Equal(AppendStatus.Stored, answer.Status);
        _sent[(int)lane] = answer.Mark;
    }

    /// <summary>A source sends its first message.</summary>
    private protected async Task SendAsync(string source, string topic)
    {
        await Hub.HelloAsync("", new Hello(source, Lane.Bulk, 1, 1, null));
        await Hub.AppendAsync("", new Batch(
            source, Lane.Bulk, 1, 1, [new BatchMessage(1, Batches.Start.ToUnixTimeMilliseconds(), topic, "1"u8.ToArray())], []));
    }

    private protected async Task AssertSameAsync(Resolution resolution)
    {
        var now = Time.GetUtcNow();
        var expected = (await RollupsAsync(Hub, resolution)).Where(one => one.Start.AddSeconds((int)resolution) < now);
        Assert.Equal(expected, await RollupsAsync(Cloud, resolution));
    }

    private protected static async Task<List<Rollup>> RollupsAsync(IHubStore store, Resolution resolution) =>
        [.. (await store.RollupsAsync(Assert.Single((await store.SeriesAsync(null, null, All)).Items).Id, resolution, default, All)).Items];

    private protected static async Task<IEnumerable<int>> ReadingsAsync(IHubStore store) =>
        (await store.ReadingsAsync(Assert.Single((await store.SeriesAsync(null, null, All)).Items).Id, default, All)).Items
            .Select(reading => (int)(double)reading.Value!).Order();
}
