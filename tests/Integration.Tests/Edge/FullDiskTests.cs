using System.Diagnostics;
using NetworkProtocol.Edge;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Forwarding;
using Xunit.Abstractions;

namespace Integration.Tests.Edge;

/// <summary>A buffer on a disk of 12 MiB that something else fills. <c>DISK_FULL_FOR</c> is for how many seconds.</summary>
[Trait("Needs", "Program")]
public sealed class FullDiskTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan FullFor = TimeSpan.FromSeconds(EdgeHubTests.Number("DISK_FULL_FOR", 0));

    private readonly SmallDisk _disk = new(12);

    private string Folder => Path.Combine(_disk.Path, "edge");

    public void Dispose() => _disk.Dispose();

    [Fact]
    public async Task A_buffer_that_has_messages_drops_its_oldest_ones_and_goes_on()
    {
        await using var buffer = Open();
        for (var i = 0; i < 40; i++)
        {
            await AppendManyAsync(buffer, 100);
        }

        _disk.Fill();
        var began = Stopwatch.GetTimestamp();
        var last = 4000;
        for (; last < 10_000 || Stopwatch.GetElapsedTime(began) < FullFor; last += 100)
        {
            await AppendManyAsync(buffer, 100);
            _disk.Fill();
        }

        Assert.Null(buffer.Buffer.Problem);
        Assert.Contains("disk is full", buffer.Buffer.Shortage, StringComparison.Ordinal);
        var dropped = buffer.Metrics.DroppedFor(Drop.Full);
        Assert.InRange(dropped, last - 7000, last - 1000);
        Assert.Equal(last - dropped, buffer.State.Messages);
        _disk.Free();
        var freed = Stopwatch.GetTimestamp();
        await UntilAsync(buffer, () => buffer.Buffer.Shortage is null);
        output.WriteLine(
            $"{last} messages, {dropped} dropped, {Stopwatch.GetElapsedTime(freed).TotalMilliseconds:0} ms until there was room");
        var batches = await buffer.DrainAsync();
        Assert.Equal(dropped, batches.SelectMany(batch => batch.Losses).Sum(loss => loss.Count));
        Assert.Equal(last, batches[^1].Last);
    }

    [Fact]
    public async Task An_alarm_that_finds_no_room_drops_no_other_message()
    {
        await using var buffer = Open();
        await AppendManyAsync(buffer, 20);
        var limits = new BufferLimits(new EdgeOptions()) { DiskBytes = 5000 };
        var alarm = new AppendJob(
            new BufferedMessage(Lane.Alarm, 0, null, "smoke", new byte[6000]), limits, buffer.Metrics, CancellationToken.None);
        Assert.True(await buffer.Buffer.RunAsync(alarm.TryRun, CancellationToken.None));
        alarm.Complete();
        await Assert.ThrowsAsync<BufferException>(() => alarm.Sequence);
        Assert.Equal(20, buffer.State.Messages);
    }

    [Fact]
    public async Task With_DropNewest_sensors_hear_that_the_disk_is_full()
    {
        await using var buffer = Open(options => options.WhenFull = WhenFull.DropNewest);
        await AppendManyAsync(buffer, 500);
        _disk.Fill();
        var error = await Assert.ThrowsAsync<BufferException>(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await AppendManyAsync(buffer, 100);
                _disk.Fill();
            }
        });
        Assert.Contains("disk is full", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, buffer.Metrics.DroppedFor(Drop.Full));
        _disk.Free();
        await UntilAsync(buffer, () => buffer.Buffer.Shortage is null);
        await AppendManyAsync(buffer, 100);
    }

    [Fact]
    public async Task With_Block_sensors_wait_until_the_disk_has_room()
    {
        await using var buffer = Open(options => options.WhenFull = WhenFull.Block);
        await AppendManyAsync(buffer, 500);
        _disk.Fill();
        var all = Task.WhenAll(Enumerable.Range(0, 3000).Select(_ => buffer.AppendAsync(new string('x', 500))));
        await UntilAsync(buffer, () => buffer.Buffer.Shortage is not null);
        Assert.False(all.IsCompleted);
        _disk.Free();
        await all.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(3500, buffer.State.Messages);
    }

    [Fact]
    public async Task The_buffer_starts_on_a_full_disk_with_what_it_had()
    {
        await using (var before = Open())
        {
            await AppendManyAsync(before, 500);
        }

        _disk.Fill();
        await using (var buffer = Open())
        {
            Assert.Equal(500, buffer.State.Messages);
            await AppendManyAsync(buffer, 100);
            await AppendManyAsync(buffer, 2000);
            Assert.NotNull(buffer.Buffer.Shortage);
            _disk.Fill();
        }

        await using var again = Open();
        var held = again.State.Messages;
        Assert.InRange(held, 100, 2600);
        Assert.Equal(2601, await again.AppendAsync());
    }

    [Fact]
    public async Task A_new_buffer_on_a_full_disk_refuses_messages_until_there_is_room()
    {
        _disk.Fill();
        await using var buffer = Open();
        var error = await Assert.ThrowsAsync<BufferException>(() => buffer.AppendAsync());
        Assert.Contains("not durable", error.Message, StringComparison.Ordinal);
        Assert.NotNull(buffer.Buffer.Problem);
        await UntilAsync(buffer, () => buffer.Metrics.DroppedFor(Drop.NotDurable) == 1);
        _disk.Free();
        await UntilAsync(buffer, () => buffer.State is not null);
        Assert.Equal(1, await buffer.AppendAsync());
        Assert.Null(buffer.Buffer.Problem);
    }

    [Fact]
    public async Task With_AcceptWithoutDisk_messages_are_in_memory_until_the_disk_has_room()
    {
        _disk.Fill();
        long epoch;
        await using (var buffer = Open(options => options.AcceptWithoutDisk = true))
        {
            await AppendManyAsync(buffer, 500);
            Assert.Contains("in memory", buffer.Buffer.Problem, StringComparison.Ordinal);
            var first = (await buffer.NextAsync())!;
            await buffer.AcknowledgeAsync(100);
            epoch = first.Epoch;
            _disk.Free();
            await UntilAsync(buffer, () => buffer.Buffer.Problem is null);
            Assert.Equal(400, buffer.State.Messages);
        }

        await using var again = Open();
        Assert.Equal(epoch, again.State.Epoch);
        Assert.Equal(400, again.State.Messages);
        Assert.Equal(501, await again.AppendAsync());
    }

    private TestBuffer Open(Action<EdgeOptions>? configure = null) => TestBuffer.Open(Folder, configure);

    private static Task<long[]> AppendManyAsync(TestBuffer buffer, int count) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(_ => buffer.AppendAsync(new string('x', 500))));

    /// <summary>A turn of the buffer's thread after another, until something is true.</summary>
    private static async Task UntilAsync(TestBuffer buffer, Func<bool> isTrue)
    {
        var began = Stopwatch.GetTimestamp();
        while (!isTrue())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(30));
            try
            {
                await buffer.Buffer.RunAsync(file => file.Messages, CancellationToken.None);
            }
            catch (BufferException)
            {
                // The disk does not take it yet.
            }
        }
    }
}
