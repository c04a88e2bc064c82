using System.Diagnostics;
using System.Globalization;
using Integration.Tests.Console;
using NetworkProtocol.Edge;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Forwarding;

namespace Integration.Tests.Edge;

/// <summary>A buffer on a disk of 12 MiB that something else fills. Mounting it needs root.</summary>
[Trait("Needs", "Program")]
public sealed class FullDiskTests : IDisposable
{
    private const int Size = 12 << 20;

    private readonly TemporaryFolder _disk = new();

    public FullDiskTests() => Run("mount", "-t", "tmpfs", "-o", $"size={Size}", "tmpfs", _disk.Path);

    private string Folder => Path.Combine(_disk.Path, "edge");

    private string Filler => Path.Combine(_disk.Path, "filler");

    public void Dispose()
    {
        Run("umount", _disk.Path);
        _disk.Dispose();
    }

    [Fact]
    public async Task A_buffer_that_has_messages_drops_its_oldest_ones_and_goes_on()
    {
        await using var buffer = Open();
        for (var i = 0; i < 40; i++)
        {
            await AppendManyAsync(buffer, 100);
        }

        FillDisk();
        for (var i = 0; i < 60; i++)
        {
            await AppendManyAsync(buffer, 100);
            FillDisk();
        }

        Assert.Null(buffer.Buffer.Problem);
        Assert.Contains("disk is full", buffer.Buffer.Shortage, StringComparison.Ordinal);
        var dropped = buffer.Metrics.DroppedFor(Drop.Full);
        Assert.InRange(dropped, 3000, 9000);
        Assert.Equal(10_000 - dropped, buffer.State.Messages);
        var batches = await buffer.DrainAsync();
        Assert.Equal(dropped, batches.SelectMany(batch => batch.Losses).Sum(loss => loss.Count));
        Assert.Equal(10_000, batches[^1].Last);
    }

    [Fact]
    public async Task With_DropNewest_sensors_hear_that_the_disk_is_full()
    {
        await using var buffer = Open(options => options.WhenFull = WhenFull.DropNewest);
        await AppendManyAsync(buffer, 500);
        FillDisk();
        var error = await Assert.ThrowsAsync<BufferException>(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await AppendManyAsync(buffer, 100);
                FillDisk();
            }
        });
        Assert.Contains("disk is full", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, buffer.Metrics.DroppedFor(Drop.Full));
        File.Delete(Filler);
        await UntilAsync(buffer, () => buffer.Buffer.Shortage is null);
        await AppendManyAsync(buffer, 100);
    }

    [Fact]
    public async Task With_Block_sensors_wait_until_the_disk_has_room()
    {
        await using var buffer = Open(options => options.WhenFull = WhenFull.Block);
        await AppendManyAsync(buffer, 500);
        FillDisk();
        var all = Task.WhenAll(Enumerable.Range(0, 3000).Select(_ => buffer.AppendAsync(new string('x', 500))));
        await UntilAsync(buffer, () => buffer.Buffer.Shortage is not null);
        Assert.False(all.IsCompleted);
        File.Delete(Filler);
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

        FillDisk();
        await using (var buffer = Open())
        {
            Assert.Equal(500, buffer.State.Messages);
            await AppendManyAsync(buffer, 100);
            await AppendManyAsync(buffer, 2000);
            Assert.NotNull(buffer.Buffer.Shortage);
            FillDisk();
        }

        await using var again = Open();
        var held = again.State.Messages;
        Assert.InRange(held, 100, 2600);
        Assert.Equal(2601, await again.AppendAsync());
    }

    [Fact]
    public async Task A_new_buffer_on_a_full_disk_refuses_messages_until_there_is_room()
    {
        FillDisk();
        await using var buffer = Open();
        var error = await Assert.ThrowsAsync<BufferException>(() => buffer.AppendAsync());
        Assert.Contains("not durable", error.Message, StringComparison.Ordinal);
        Assert.NotNull(buffer.Buffer.Problem);
        Assert.Equal(1, buffer.Metrics.DroppedFor(Drop.NotDurable));
        File.Delete(Filler);
        Assert.Equal(1, await buffer.AppendAsync());
        Assert.Null(buffer.Buffer.Problem);
    }

    [Fact]
    public async Task With_AcceptWithoutDisk_messages_are_in_memory_until_the_disk_has_room()
    {
        FillDisk();
        long epoch;
        await using (var buffer = Open(options => options.AcceptWithoutDisk = true))
        {
            await AppendManyAsync(buffer, 500);
            Assert.Contains("in memory", buffer.Buffer.Problem, StringComparison.Ordinal);
            var first = (await buffer.NextAsync())!;
            await buffer.AcknowledgeAsync(100);
            epoch = first.Epoch;
            File.Delete(Filler);
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
            await buffer.Buffer.RunAsync(file => file.Messages, CancellationToken.None);
            await Task.Yield();
        }
    }

    private void FillDisk()
    {
        using var file = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // Now the disk is full.
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, string.Create(CultureInfo.InvariantCulture, $"{program} ended with {process.ExitCode}"));
    }
}
