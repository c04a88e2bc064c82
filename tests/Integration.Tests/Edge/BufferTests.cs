using System.Text;
using Integration.Tests.Console;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Edge;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Forwarding;

namespace Integration.Tests.Edge;

/// <summary>What an edge's buffer keeps, what it drops, and what it tells the hub about it.</summary>
public sealed class BufferTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_rollback_outside_a_transaction_keeps_what_is_in_doubt()
    {
        await using var buffer = TestBuffer.Open(_folder.Path);
        await buffer.AppendAsync();
        Assert.True(await buffer.Buffer.RunAsync(
            file =>
            {
                file.NoteSent(Lane.Bulk, 1);
                file.Commit();
                file.Rollback();
                file.Begin();
                file.Acknowledge(Lane.Bulk, 1, null);
                return file.EndDoubt(Lane.Bulk);
            },
            CancellationToken.None));
    }

    [Fact]
    public async Task Each_lane_numbers_its_messages_from_1()
    {
        await using var buffer = TestBuffer.Open(_folder.Path);
        Assert.Equal(1, await buffer.AppendAsync());
        Assert.Equal(2, await buffer.AppendAsync());
        Assert.Equal(1, await buffer.AppendAsync(lane: Lane.Alarm));
        Assert.Equal(3, await buffer.AppendAsync());
        Assert.Equal([3, 1], buffer.State.Lanes.Select(lane => lane.Messages));
    }

    [Fact]
    public async Task What_was_answered_is_on_the_disk()
    {
        await using var buffer = TestBuffer.Open(_folder.Path);
        var published = await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => buffer.AppendAsync($"{i}")));
        var killed = TestBuffer.CopyFiles(_folder.Path);
        await using var again = TestBuffer.Open(killed);
        var batches = await again.DrainAsync();
        Assert.Equal(2000, batches.Sum(batch => batch.Messages.Count));
        Assert.Empty(batches.SelectMany(batch => batch.Losses));
        Assert.Equal(published.Order(), batches.SelectMany(batch => batch.Messages).Select(message => message.Sequence));
        Assert.Equal(buffer.State.Epoch, again.State.Epoch);
    }

    [Fact]
    public async Task Numbers_go_on_after_a_restart_with_an_empty_buffer()
    {
        await using (var buffer = TestBuffer.Open(_folder.Path))
        {
            await buffer.AppendAsync();
            await buffer.AppendAsync();
            await buffer.AcknowledgeAsync(2);
        }

        await using var again = TestBuffer.Open(_folder.Path);
        Assert.Equal(0, again.State.Messages);
        Assert.Equal(3, await again.AppendAsync());
    }

    [Fact]
    public async Task A_batch_has_at_most_500_messages_and_256_KiB()
    {
        await using var buffer = TestBuffer.Open(_folder.Path);
        await Task.WhenAll(Enumerable.Range(0, 1200).Select(_ => buffer.AppendAsync()));
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => buffer.AppendAsync(new string('x', 150_000))));
        var batches = await buffer.DrainAsync();
        Assert.Equal([500, 500, 201, 1, 1], batches.Select(batch => batch.Messages.Count));
        Assert.All(batches, batch => Assert.Equal(batch.Messages.Count, Batch.Decode(batch.Encode()).Messages.Count));
    }

    [Fact]
    public async Task A_full_buffer_drops_its_oldest_messages_and_tells_the_hub()
    {
        await using var buffer = TestBuffer.Open(_folder.Path, options => options.OfflineBufferSize = 10);
        for (var i = 0; i < 25; i++)
        {
            await buffer.AppendAsync();
        }

        Assert.Equal(10, buffer.State.Messages);
        Assert.Equal(15, buffer.Metrics.DroppedFor(Drop.Full));
        var batch = Assert.Single(await buffer.DrainAsync());
        Assert.Equal([new Loss(1, 15, LossReason.Full)], batch.Losses);
        Assert.Equal(16, batch.Messages[0].Sequence);
        Assert.Equal(25, batch.Last);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_that_is_dropped_on_its_way_counts_as_lost_only_if_the_hub_does_not_have_it(bool hasHub)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var buffer = TestBuffer.Open(_folder.Path, options => options.OfflineBufferSize = 10, time);
        await buffer.AppendAsync(expires: time.GetUtcNow().AddSeconds(1).ToUnixTimeMilliseconds());
        await AppendManyAsync(9);
        Assert.Equal(10, (await buffer.NextAsync())!.Last);
        time.Advance(TimeSpan.FromSeconds(2));
        await AppendManyAsync(5); // 1 has expired, and 2 to 5 are dropped
        Assert.Equal((0, 0), (buffer.Metrics.DroppedFor(Drop.Full), buffer.Metrics.DroppedFor(Drop.Expired)));
        await buffer.AcknowledgeAsync(hasHub ? 10 : 0);
        Assert.Equal(hasHub, await buffer.Buffer.RunAsync(file => file.EndDoubt(Lane.Bulk), CancellationToken.None));
        buffer.Metrics.EndDoubt(Lane.Bulk, hasHub);
        Assert.Equal(hasHub ? (0, 0) : (4, 1), (buffer.Metrics.DroppedFor(Drop.Full), buffer.Metrics.DroppedFor(Drop.Expired)));
        await AppendManyAsync(10); // nothing is on its way now
        var batch = Assert.Single(await buffer.DrainAsync());
        Assert.Equal(
            batch.Losses.Sum(loss => loss.Count), buffer.Metrics.DroppedFor(Drop.Full) + buffer.Metrics.DroppedFor(Drop.Expired));
        Assert.Equal(hasHub ? 5 : 15, batch.Losses.Sum(loss => loss.Count));

        Task AppendManyAsync(int count) => Task.WhenAll(Enumerable.Range(0, count).Select(_ => buffer.AppendAsync()));
    }

    [Fact]
    public async Task The_size_in_bytes_is_a_bound_as_well()
    {
        await using var buffer = TestBuffer.Open(_folder.Path, options => options.OfflineBufferBytes = 1 << 20);
        for (var i = 0; i < 20; i++)
        {
            await buffer.AppendAsync(new string('x', 100_000));
        }

        Assert.InRange(buffer.State.Bytes, 900_000, 1 << 20);
        Assert.Equal(10, buffer.State.Messages);
    }

    [Fact]
    public async Task A_bulk_message_displaces_no_alarm()
    {
        await using var buffer = TestBuffer.Open(_folder.Path, options => options.OfflineBufferSize = 2);
        await buffer.AppendAsync(lane: Lane.Alarm);
        await buffer.AppendAsync();
        await buffer.AppendAsync(lane: Lane.Alarm); // takes the place of the bulk message
        var error = await Assert.ThrowsAsync<BufferException>(() => buffer.AppendAsync());
        Assert.Contains("full", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, await buffer.AppendAsync(lane: Lane.Alarm)); // an alarm displaces the oldest alarm
        Assert.Equal([0, 2], buffer.State.Lanes.Select(lane => lane.Messages));
    }

    [Fact]
    public async Task A_bulk_message_that_would_find_no_room_drops_no_other()
    {
        await using var buffer = TestBuffer.Open(_folder.Path, options => options.OfflineBufferBytes = 1 << 20);
        await buffer.AppendAsync(new string('x', 100_000));
        for (var i = 0; i < 9; i++)
        {
            await buffer.AppendAsync(new string('x', 100_000), Lane.Alarm);
        }

        await Assert.ThrowsAsync<BufferException>(() => buffer.AppendAsync(new string('x', 150_000)));
        Assert.Equal([1, 9], buffer.State.Lanes.Select(lane => lane.Messages));
    }

    [Fact]
    public async Task Losses_of_changing_reasons_do_not_fill_the_disk()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var buffer = TestBuffer.Open(_folder.Path, options => options.OfflineBufferSize = 2, time);
        for (var i = 0; i < 200; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => buffer.AppendAsync()));
            await buffer.AppendAsync(expires: time.GetUtcNow().AddSeconds(1).ToUnixTimeMilliseconds());
            time.Advance(TimeSpan.FromSeconds(2));
        }

        var batches = await buffer.DrainAsync();
        Assert.Equal(200 * 61, batches[^1].Last);
        Assert.InRange(batches.Sum(batch => batch.Losses.Count), 1, 10_010);
    }

    [Fact]
    public async Task With_DropNewest_the_sensor_is_refused_and_nothing_that_was_accepted_is_lost()
    {
        await using var buffer = TestBuffer.Open(
            _folder.Path, options => (options.OfflineBufferSize, options.WhenFull) = (2, WhenFull.DropNewest));
        await buffer.AppendAsync();
        await buffer.AppendAsync();
        await Assert.ThrowsAsync<BufferException>(() => buffer.AppendAsync());
        Assert.Equal(1, buffer.Metrics.DroppedFor(Drop.Refused));
        Assert.Empty(Assert.Single(await buffer.DrainAsync()).Losses);
        Assert.Equal(3, await buffer.AppendAsync());
    }

    [Fact]
    public async Task With_Block_sensors_wait_in_their_order_until_there_is_room()
    {
        await using var buffer = TestBuffer.Open(
            _folder.Path, options => (options.OfflineBufferSize, options.WhenFull) = (2, WhenFull.Block));
        await buffer.AppendAsync();
        await buffer.AppendAsync();
        using var left = new CancellationTokenSource();
        var gone = buffer.AppendAsync("gone", cancellationToken: left.Token);
        Task<long>[] waiting = [buffer.AppendAsync("third"), buffer.AppendAsync("fourth"), buffer.AppendAsync("fifth")];
        await buffer.NextAsync(); // a turn of the buffer's thread after they have come
        await left.CancelAsync();
        Assert.DoesNotContain(waiting, wait => wait.IsCompleted);
        await buffer.AcknowledgeAsync(2);
        Assert.Equal(3, await waiting[0]);
        Assert.Equal(4, await waiting[1]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        Assert.False(waiting[2].IsCompleted);
        await buffer.AcknowledgeAsync(4);
        Assert.Equal(5, await waiting[2]);
        Assert.Equal("fifth", Encoding.UTF8.GetString((await buffer.NextAsync())!.Messages[0].Payload.Span));
    }

    [Fact]
    public async Task A_message_past_its_time_to_live_is_dropped_and_told()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var buffer = TestBuffer.Open(_folder.Path, time: time);
        await buffer.AppendAsync("1");
        await buffer.AppendAsync("2", expires: time.GetUtcNow().AddSeconds(60).ToUnixTimeMilliseconds());
        await buffer.AppendAsync("3");
        time.Advance(TimeSpan.FromSeconds(61));
        var batch = Assert.Single(await buffer.DrainAsync());
        Assert.Equal([1, 3], batch.Messages.Select(message => message.Sequence));
        Assert.Equal([new Loss(2, 1, LossReason.Expired)], batch.Losses);
        Assert.Equal(1, buffer.Metrics.DroppedFor(Drop.Expired));
    }

    [Fact]
    public async Task A_loss_that_grows_while_its_batch_is_on_its_way_is_told_once()
    {
        await using var buffer = TestBuffer.Open(_folder.Path, options => options.OfflineBufferSize = 2);
        for (var i = 0; i < 4; i++)
        {
            await buffer.AppendAsync();
        }

        var first = (await buffer.NextAsync())!; // the loss 1 and 2, the messages 3 and 4
        await buffer.AppendAsync(); // drops 3
        await buffer.AppendAsync(); // drops 4
        await buffer.AppendAsync(); // drops 5
        await buffer.AcknowledgeAsync(first.Last);
        var second = Assert.Single(await buffer.DrainAsync());
        Assert.Equal((5, 7), (second.First, second.Last));
        Assert.Equal([new Loss(5, 1, LossReason.Full)], second.Losses);
    }

    [Fact]
    public async Task A_buffer_of_a_newer_version_is_not_touched()
    {
        await using (TestBuffer.Open(_folder.Path))
        {
        }

        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_folder.Path}/buffer.db;Pooling=False"))
        {
            connection.Open();
            connection.Execute("CREATE TABLE something_new(id); PRAGMA user_version = 99");
        }

        var error = Assert.Throws<IOException>(() => TestBuffer.Open(_folder.Path));
        Assert.Contains("newer version", error.Message, StringComparison.Ordinal);
        Assert.Contains("Edge:Path", error.Message, StringComparison.Ordinal);
    }
}
