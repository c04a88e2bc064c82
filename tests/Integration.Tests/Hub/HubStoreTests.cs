using System.Text;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;

namespace Integration.Tests.Hub;

/// <summary>What every store of a hub promises.</summary>
public abstract class HubStoreTests : IAsyncLifetime
{
    private protected static readonly HubQuery All = new(HubQuery.MaxSize);

    private protected FakeTimeProvider Time { get; } = new(Batches.Start.AddMinutes(30));

    private protected HubOptions Options { get; } = new() { MaxSources = 2, MaxSeriesPerSource = 5 };

    private protected IHubStore Store { get; private set; } = null!;

    public virtual async Task InitializeAsync()
    {
        Store = Create();
        await Store.OpenAsync();
    }

    public virtual Task DisposeAsync() => Store.DisposeAsync().AsTask();

    [Fact]
    public async Task Messages_become_readings_and_rollups_and_a_repeated_batch_changes_nothing()
    {
        await GreetAsync();
        var batch = Batches.Of(1, 1, 100);
        Assert.Equal(new AppendAnswer(100, AppendStatus.Stored), await Store.AppendAsync("", batch));
        var before = await EverythingAsync();
        Assert.Equal(new AppendAnswer(100, AppendStatus.Stored), await Store.AppendAsync("", batch));
        Assert.Equal(before, await EverythingAsync());

        var series = Assert.Single((await Store.SeriesAsync(null, null, All)).Items);
        Assert.Equal(("edge", "room/temperature", "", 100d), (series.Source, series.Topic, series.Field, series.Last.Value));
        Assert.Equal(100, (await Store.ReadingsAsync(series.Id, default, All)).Items.Count);
        Assert.Equal(
            [new Rollup(Batches.Start, 59, 1770, 1, 59, 59), new Rollup(Batches.Start.AddMinutes(1), 41, 3280, 60, 100, 100)],
            (await Store.RollupsAsync(series.Id, Resolution.Minute, default, All)).Items);
        Assert.Equal(
            [new Rollup(Batches.Start.Date.ToUniversalTime(), 100, 5050, 1, 100, 100)],
            (await Store.RollupsAsync(series.Id, Resolution.Day, default, All)).Items);
        var lane = Assert.Single(Assert.Single((await Store.SourcesAsync(All)).Items).Lanes);
        Assert.Equal((100, 100, 100), (lane.Mark, lane.Messages, lane.Duplicates));
    }

    [Fact]
    public async Task A_gap_is_refused_unless_it_is_declared_as_lost()
    {
        Assert.Equal(AppendStatus.HelloFirst, (await Store.AppendAsync("", Batches.Of(1, 1, 5))).Status);
        await GreetAsync();
        await Store.AppendAsync("", Batches.Of(1, 1, 5));
        Assert.Equal(new AppendAnswer(5, AppendStatus.Gap), await Store.AppendAsync("", Batches.Of(1, 8, 3)));
        Assert.Equal(new AppendAnswer(10, AppendStatus.Stored), await Store.AppendAsync("", Batches.Of(1, 6, 5, number => number < 8)));
        var totals = await Store.TotalsAsync();
        Assert.Equal((8, 2, 1, 1), (totals.Messages, totals.Lost, totals.Sources, totals.Series));
    }

    [Fact]
    public async Task What_waits_at_the_edge_is_known_as_of_its_last_batch()
    {
        await GreetAsync();
        await Store.AppendAsync("", Batches.Of(1, 1, 5) with { Behind = 1200 });
        Assert.Equal(1200, await BehindAsync());
        await Store.AppendAsync("", Batches.Of(1, 6, 5));
        Assert.Equal(0, await BehindAsync());
    }

    [Fact]
    public async Task A_store_of_version_1_is_upgraded_and_keeps_what_it_has()
    {
        await GreetAsync();
        await Store.AppendAsync("", Batches.Of(1, 1, 5));
        await MakeVersion1Async();
        await using var upgraded = Create();
        await upgraded.OpenAsync();
        Assert.Equal(
            new AppendAnswer(10, AppendStatus.Stored), await upgraded.AppendAsync("", Batches.Of(1, 6, 5) with { Behind = 7 }));
        var lane = Assert.Single(Assert.Single((await upgraded.SourcesAsync(All)).Items).Lanes);
        Assert.Equal((10, 7), (lane.Messages, lane.Behind));
    }

    [Fact]
    public async Task An_older_epoch_and_a_fork_are_told_so()
    {
        await GreetAsync(epoch: 7);
        await Store.AppendAsync("", Batches.Of(7, 1, 5));
        Assert.Equal(HelloStatus.OldEpoch, (await Store.HelloAsync("", new Hello("edge", Lane.Bulk, 6, 6, null))).Status);
        Assert.Equal(AppendStatus.OldEpoch, (await Store.AppendAsync("", Batches.Of(6, 6, 1))).Status);
        var message = Batches.Message(5, "5");
        var checksum = MessageChecksum.Compute(5, message.Time, Encoding.UTF8.GetBytes(message.Topic), message.Payload.Span);
        Assert.Equal(HelloStatus.Agreed, (await Store.HelloAsync("", new Hello("edge", Lane.Bulk, 7, 6, checksum))).Status);
        Assert.Equal(HelloStatus.Fork, (await Store.HelloAsync("", new Hello("edge", Lane.Bulk, 7, 6, checksum + 1))).Status);
        Assert.Equal(new HelloAnswer(0, 8, null, HelloStatus.Agreed), await GreetAsync(epoch: 8));
        await Store.AppendAsync("", Batches.Of(8, 1, 5)); // the same numbers and times as in epoch 7, and no duplicates
        Assert.Equal(10, (await Store.TotalsAsync()).Messages);
        Assert.Equal(10, (await ReadingsAsync()).Count);
    }

    [Fact]
    public async Task A_name_belongs_to_one_identity()
    {
        var hello = new Hello("edge", Lane.Bulk, 1, 1, null);
        await Store.HelloAsync("", hello);
        await Store.HelloAsync("cn:edge", hello);
        var refusal = await Assert.ThrowsAsync<SourceRefusedException>(() => Store.HelloAsync("dns:edge", hello));
        Assert.DoesNotContain("cn:edge", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("belongs to cn:edge, and this client is dns:edge.", refusal.Detail, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SourceRefusedException>(() => Store.AppendAsync("", Batches.Of(1, 1, 1)));
        Assert.Equal("cn:edge", Assert.Single((await Store.SourcesAsync(All)).Items).Identity);
    }

    [Fact]
    public async Task Late_data_corrects_its_rollup_and_leaves_the_last_value()
    {
        await GreetAsync();
        await Store.AppendAsync("", Send(1, (0, "1"), (3600, "3")));
        await Store.AppendAsync("", Send(3, (30, "10"), (7200, "7"), (10, "-4")));
        var series = Assert.Single((await Store.SeriesAsync(null, null, All)).Items);
        Assert.Equal(7, series.Last.Value);
        Assert.Equal(
            [
                new Rollup(Batches.Start, 3, 7, -4, 10, 10),
                new Rollup(Batches.Start.AddHours(1), 1, 3, 3, 3, 3),
                new Rollup(Batches.Start.AddHours(2), 1, 7, 7, 7, 7),
            ],
            (await Store.RollupsAsync(series.Id, Resolution.Hour, default, All)).Items);
    }

    [Fact]
    public async Task What_is_no_number_is_kept_as_bytes_and_what_is_broken_is_put_aside()
    {
        await GreetAsync();
        await Store.AppendAsync("", Batches.OfTexts(1, "open", "{\"a\":1,\"b\":2}", "[{\"n\":\"x\",\"v\":\"NaN\"}]", "5"));
        var letter = Assert.Single((await Store.DeadLettersAsync(null, All)).Items);
        Assert.Equal(("edge", 3L, "room/temperature"), (letter.Source, letter.Sequence, letter.Topic));
        Assert.Contains("SenML", letter.Reason, StringComparison.Ordinal);
        Assert.Equal(["", "a", "b"], (await Store.SeriesAsync(null, null, All)).Items.Select(series => series.Field));
        Assert.Contains(
            await ReadingsAsync(),
            reading => reading.Payload is { } payload && payload.Span.SequenceEqual("open"u8) && reading.Value is null);
        var lane = Assert.Single(Assert.Single((await Store.SourcesAsync(All)).Items).Lanes);
        Assert.Equal((4, 3, 1), (lane.Mark, lane.Messages, lane.DeadLetters));
    }

    [Fact]
    public async Task What_an_object_has_beside_its_numbers_is_kept_as_bytes()
    {
        await GreetAsync();
        await Store.AppendAsync("", Batches.OfTexts(1, "{\"t\":21.5,\"state\":\"open\"}"));
        var readings = await ReadingsAsync();
        Assert.Equal(["", "t"], readings.Select(reading => reading.Field));
        Assert.Equal("{\"t\":21.5,\"state\":\"open\"}", Encoding.UTF8.GetString(readings[0].Payload!.Value.Span));
        Assert.Equal(21.5, readings[1].Value);
    }

    [Fact]
    public async Task A_time_more_than_a_day_ahead_is_put_aside()
    {
        await GreetAsync();
        var limit = Time.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds();
        await Store.AppendAsync("", new Batch(
            "edge",
            Lane.Bulk,
            1,
            1,
            [
                Batches.Message(1, "1") with { Time = limit },
                Batches.Message(2, "2") with { Time = limit + 1 },
                Batches.Message(3, "open") with { Time = limit + 1 },
                Batches.Message(4, $"[{{\"n\":\"t\",\"v\":3,\"t\":{(limit / 1000) + 1}}}]"),
                Batches.Message(5, $"[{{\"n\":\"t\",\"v\":3,\"t\":{limit / 1000}}}]"),
            ],
            []));
        var letters = (await Store.DeadLettersAsync(null, All)).Items;
        Assert.Equal([4, 3, 2], letters.Select(letter => letter.Sequence));
        Assert.All(letters, letter => Assert.Contains("day", letter.Reason, StringComparison.Ordinal));
        Assert.Equal([1, 3], (await ReadingsAsync()).Select(reading => reading.Value));
    }

    [Fact]
    public async Task The_values_of_one_batch_are_limited()
    {
        await GreetAsync();
        var pack = $"[{string.Join(',', Enumerable.Range(0, 1000).Select(i => $"{{\"n\":\"t\",\"v\":{i % 10}}}"))}]";
        await Store.AppendAsync("", Batches.OfTexts(1, [.. Enumerable.Repeat(pack, 52)]));
        var letters = (await Store.DeadLettersAsync(null, All)).Items;
        Assert.Equal([52, 51], letters.Select(letter => letter.Sequence));
        Assert.Contains("batch", letters[0].Reason, StringComparison.Ordinal);
        Assert.Equal(50, (await Store.TotalsAsync()).Messages);
    }

    [Fact]
    public async Task Late_data_leaves_the_unit()
    {
        await GreetAsync();
        await Store.AppendAsync("", Batches.OfTexts(
            1, "[{\"n\":\"t\",\"u\":\"Cel\",\"v\":1}]", "[{\"n\":\"t\",\"u\":\"K\",\"v\":1,\"t\":-60}]"));
        Assert.Equal("Cel", Assert.Single((await Store.SeriesAsync(null, null, All)).Items).Unit);
    }

    [Fact]
    public async Task A_source_cannot_begin_endless_series_or_sources()
    {
        await GreetAsync();
        var messages = Enumerable.Range(1, 8).Select(number => Batches.Message(number, "1", $"topic{number}"));
        await Store.AppendAsync("", new Batch("edge", Lane.Bulk, 1, 1, [.. messages], []));
        Assert.Equal(5, (await Store.TotalsAsync()).Series);
        Assert.Equal(3, (await Store.TotalsAsync()).DeadLetters);
        await Store.HelloAsync("", new Hello("second", Lane.Bulk, 1, 1, null));
        await Assert.ThrowsAsync<SourceRefusedException>(() => Store.HelloAsync("", new Hello("third", Lane.Bulk, 1, 1, null)));
    }

    [Fact]
    public async Task Lists_come_in_parts_that_have_each_row_once()
    {
        Assert.Empty((await Store.SeriesAsync(null, null, All)).Items);
        foreach (var source in new[] { "edge", "second" })
        {
            await Store.HelloAsync("", new Hello(source, Lane.Bulk, 1, 1, null));
            var messages = Enumerable.Range(1, 5).Select(number => Batches.Message(number, "1", $"t/{number % 3}"));
            await Store.AppendAsync("", new Batch(source, Lane.Bulk, 1, 1, [.. messages], []));
        }

        Assert.Equal(["edge", "second"], (await PartsAsync(query => Store.SourcesAsync(query))).Select(source => source.Name));
        Assert.Equal(
            ["edge t/0", "edge t/1", "edge t/2", "second t/0", "second t/1", "second t/2"],
            (await PartsAsync(query => Store.SeriesAsync(null, null, query))).Select(series => $"{series.Source} {series.Topic}"));
        Assert.Equal(3, (await PartsAsync(query => Store.SeriesAsync("second", "t", query))).Count);
        Assert.Empty((await Store.SeriesAsync("second", "t/", All)).Items);
        Assert.Equal(2, (await PartsAsync(query => Store.SeriesAsync(null, "t/1", query))).Count);
        var latest = await PartsAsync(query => Store.LatestAsync(null, null, query));
        Assert.Equal(6, latest.DistinctBy(reading => reading.Series).Count());
        Assert.Equal(latest.OrderByDescending(reading => reading.Time), latest);
        Assert.Equal(3, (await PartsAsync(query => Store.LatestAsync("edge", "t", query))).Count);
        var readings = await PartsAsync(query => Store.ReadingsAsync(latest[0].Series, default, query));
        Assert.Equal([5, 2], readings.Select(reading => (reading.Time - Batches.Start).TotalSeconds));
        var span = new TimeRange(Batches.Start.AddSeconds(2), Batches.Start.AddSeconds(5));
        Assert.Single((await Store.ReadingsAsync(latest[0].Series, span, All)).Items);
        await Assert.ThrowsAsync<HubPlaceException>(() => Store.SourcesAsync(new HubQuery(1, "nonsense")));
        var next = (await Store.SourcesAsync(new HubQuery(1))).Next;
        await Assert.ThrowsAsync<HubPlaceException>(() => Store.DeadLettersAsync(null, new HubQuery(1, next)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.SourcesAsync(new HubQuery(0)));
    }

    [Fact]
    public async Task Losses_and_dead_letters_are_listed_by_source_the_newest_first()
    {
        foreach (var source in new[] { "edge", "second" })
        {
            await Store.HelloAsync("", new Hello(source, Lane.Bulk, 7, 1, null));
            var broken = Enumerable.Range(1, 3).Select(number => Batches.Message(number, "[{\"n\":\"x\",\"v\":\"NaN\"}]"));
            var losses = new[] { new Loss(4, 2, LossReason.Expired), new Loss(6, 1, LossReason.Full) };
            await Store.AppendAsync("", new Batch(source, Lane.Bulk, 7, 1, [.. broken], losses));
        }

        var lost = await PartsAsync(query => Store.LossesAsync(null, query));
        Assert.Equal(["second 6", "second 4", "edge 6", "edge 4"], lost.Select(loss => $"{loss.Source} {loss.First}"));
        Assert.Equal(
            new LossInfo(lost[3].Id, "edge", Lane.Bulk, 7, 4, 2, LossReason.Expired, Time.GetUtcNow()), lost[3]);
        Assert.Equal(lost[2..], await PartsAsync(query => Store.LossesAsync("edge", query)));
        Assert.Empty((await Store.LossesAsync("nobody", All)).Items);
        var letters = await PartsAsync(query => Store.DeadLettersAsync(null, query));
        Assert.Equal([3, 2, 1, 3, 2, 1], letters.Select(letter => letter.Sequence));
        Assert.Equal(
            ["edge 3", "edge 2", "edge 1"],
            (await PartsAsync(query => Store.DeadLettersAsync("edge", query))).Select(letter => $"{letter.Source} {letter.Sequence}"));
        Assert.Empty((await Store.DeadLettersAsync("nobody", All)).Items);
        var next = (await Store.DeadLettersAsync(null, new HubQuery(1))).Next;
        await Assert.ThrowsAsync<HubPlaceException>(() => Store.LossesAsync(null, new HubQuery(1, next)));
    }

    [Fact]
    public async Task Old_readings_and_rollups_go_and_the_days_stay()
    {
        Time.SetUtcNow(Batches.Start.AddDays(8));
        await GreetAsync();
        await Store.AppendAsync("", Batches.Of(1, 1, 400));
        await Store.AppendAsync("", Send(401, ((int)TimeSpan.FromDays(8).TotalSeconds, "1")));
        var series = Assert.Single((await Store.SeriesAsync(null, null, All)).Items).Id;
        await Store.RetainAsync(Batches.Start.AddDays(8));
        Assert.Single(await ReadingsAsync());
        Assert.Equal(8, (await Store.RollupsAsync(series, Resolution.Minute, default, All)).Items.Count);
        await Store.RetainAsync(Batches.Start.AddDays(400));
        Assert.Empty(await ReadingsAsync());
        Assert.Empty((await Store.RollupsAsync(series, Resolution.Minute, default, All)).Items);
        Assert.Empty((await Store.RollupsAsync(series, Resolution.Hour, default, All)).Items);
        Assert.Equal([400, 1], (await Store.RollupsAsync(series, Resolution.Day, default, All)).Items.Select(rollup => rollup.Count));

        // What was deleted is not in the writer's memory either.
        await Store.AppendAsync("", Send(402, ((int)TimeSpan.FromDays(8).TotalSeconds, "1")));
        Assert.Equal(1, Assert.Single((await Store.RollupsAsync(series, Resolution.Minute, default, All)).Items).Count);
    }

    [Fact]
    public async Task Edges_that_send_at_once_do_not_disturb_each_other()
    {
        var edges = new[] { "edge", "second" };
        await Task.WhenAll(edges.Select(async edge =>
        {
            await Store.HelloAsync("", new Hello(edge, Lane.Bulk, 1, 1, null));
            for (var first = 1; first < 1000; first += 50)
            {
                await Task.WhenAll(
                    Store.AppendAsync("", Batches.Of(1, first, 50, source: edge)),
                    Store.AppendAsync("", Batches.Of(1, first, 50, source: edge)));
            }
        }));
        Assert.Equal(2000, (await Store.TotalsAsync()).Messages);
        Assert.Equal(2000, (await Store.TotalsAsync()).Duplicates);
        Assert.Equal(2000, (await ReadingsAsync()).Count);
    }

    [Fact]
    public async Task A_rollup_that_another_hub_has_forwarded_takes_the_place_of_what_was_added()
    {
        await GreetAsync();
        await Store.AppendAsync("", Batches.Of(1, 1, 100));
        var start = Batches.Start.ToUnixTimeMilliseconds();
        await Store.AppendAsync("", Reports(101, new RollupReport("", "Cel", 60, start, 70, 1800, -1, 60, 58, start + 59_500)));
        await Store.AppendAsync("", Batches.Of(1, 102, 1) with
        {
            Messages = [Batches.Message(102, "7") with { Time = start + 1_000 }], // one that the other hub did not know
        });
        var series = Assert.Single((await Store.SeriesAsync(null, null, All)).Items);
        var minute = new Rollup(Batches.Start, 71, 1807, -1, 60, 58);
        var next = new Rollup(Batches.Start.AddMinutes(1), 41, 3280, 60, 100, 100);
        Assert.Equal([minute, next], (await Store.RollupsAsync(series.Id, Resolution.Minute, default, All)).Items);
        Assert.Equal((100, 101), (series.Last.Value, (await Store.ReadingsAsync(series.Id, default, All)).Items.Count));

        // The open one, one before it and one of a series of its own, in one batch; and one of them again.
        await Store.AppendAsync("", Reports(
            103,
            new RollupReport("", "", 60, start + 60_000, 42, 3290, 10, 100, 99, start + 119_999),
            new RollupReport("", "", 60, start, 1, 5, 5, 5, 5, start + 5),
            new RollupReport("", "", 60, start, 2, 15, 5, 10, 10, start + 6),
            new RollupReport("f", "Cel", 86_400, start - (start % 86_400_000), 9, 9, 1, 1, 1, start)));
        minute = new Rollup(Batches.Start, 2, 15, 5, 10, 10);
        next = new Rollup(Batches.Start.AddMinutes(1), 42, 3290, 10, 100, 99);
        Assert.Equal([minute, next], (await Store.RollupsAsync(series.Id, Resolution.Minute, default, All)).Items);
        var all = (await Store.SeriesAsync(null, null, All)).Items;
        Assert.Equal([("", 99d), ("f", 1d)], all.Select(one => (one.Field, (double)one.Last.Value!)));
        Assert.Equal(("Cel", 0), (all[1].Unit, (await Store.ReadingsAsync(all[1].Id, default, All)).Items.Count));
        Assert.Equal(106, Assert.Single(Assert.Single((await Store.SourcesAsync(All)).Items).Lanes).Messages);
    }

    private static Batch Reports(long first, params RollupReport[] reports) => new(
        "edge",
        Lane.Bulk,
        1,
        first,
        [.. reports.Select((report, i) => new BatchMessage(
            first + i, Batches.Start.ToUnixTimeMilliseconds(), "room/temperature", report.Encode()))],
        []);

    private protected abstract IHubStore Create();

    private protected abstract Task MakeVersion1Async();

    private async Task<long> BehindAsync() => Assert.Single(Assert.Single((await Store.SourcesAsync(All)).Items).Lanes).Behind;

    private protected Task<HelloAnswer> GreetAsync(long epoch = 1) =>
        Store.HelloAsync("", new Hello("edge", Lane.Bulk, epoch, 1, null));

    private protected async Task<List<Reading>> ReadingsAsync()
    {
        var readings = new List<Reading>();
        foreach (var series in (await Store.SeriesAsync(null, null, All)).Items)
        {
            readings.AddRange((await Store.ReadingsAsync(series.Id, default, All)).Items);
        }

        return readings;
    }

    private static Batch Send(long first, params (int Second, string Value)[] values) => new(
        "edge",
        Lane.Bulk,
        1,
        first,
        [.. values.Select((value, i) => Batches.Message(first + i, value.Value) with
        {
            Time = Batches.Start.AddSeconds(value.Second).ToUnixTimeMilliseconds(),
        })],
        []);

    private static async Task<List<T>> PartsAsync<T>(Func<HubQuery, Task<Slice<T>>> read)
    {
        var rows = new List<T>();
        string? after = null;
        do
        {
            var part = await read(new HubQuery(1, after));
            rows.AddRange(part.Items);
            after = part.Next;
        }
        while (after is not null);
        return rows;
    }

    private async Task<string> EverythingAsync()
    {
        var text = new StringBuilder();
        foreach (var series in (await Store.SeriesAsync(null, null, All)).Items)
        {
            text.AppendJoin('\n', (await Store.ReadingsAsync(series.Id, default, All)).Items);
            foreach (var resolution in Enum.GetValues<Resolution>())
            {
                text.AppendJoin('\n', (await Store.RollupsAsync(series.Id, resolution, default, All)).Items);
            }
        }

        return text.ToString();
    }
}
