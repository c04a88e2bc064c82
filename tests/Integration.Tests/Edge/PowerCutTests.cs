using NetworkProtocol.Forwarding;
using Xunit.Abstractions;

namespace Integration.Tests.Edge;

/// <summary>
/// A power cut at any moment: what was synced is on the disk, and of what was not each page may or may not be. Whatever the edge had
/// acknowledged until then is in the buffer that starts again.
/// </summary>
[Trait("Needs", "Program")]
public sealed class PowerCutTests(ITestOutputHelper output) : IAsyncDisposable, IAsyncLifetime
{
    private const int PageSize = 4096;
    private const int Publications = 1200;

    /// <summary><c>EDGE_CUTS</c> sets a larger number than the suite's.</summary>
    private static readonly int Cuts = EdgeHubTests.Number("EDGE_CUTS", 20);

    private readonly EdgeAndHub _nodes = new();
    private readonly CancellationTokenSource _end = new(TimeSpan.FromMinutes(5));

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        _end.Dispose();
    }

    [Fact]
    public async Task What_was_acknowledged_survives_a_power_cut_at_any_moment()
    {
        var seed = EdgeHubTests.Number("EDGE_SEED", Random.Shared.Next());
        var random = new Random(seed);
        var folder = Path.Combine(_nodes.EdgeData, "edge");
        await _nodes.StartEdgeAsync();
        await using var client = _nodes.CreateSensor();
        var sensors = Enumerable.Range(1, 8).Select(number => new Sensor(client, "room1/temperature", number * 1_000_000)).ToArray();
        await sensors[0].PublishAsync(_end.Token);
        var before = TestBuffer.CopyFiles(folder);
        await using var trace = await DiskTrace.AttachAsync(_nodes.Edge.Id);
        await Task.WhenAll(sensors.Select(async sensor =>
        {
            for (var i = 0; i < Publications / sensors.Length; i++)
            {
                await sensor.PublishAsync(_end.Token);
            }
        }));
        var steps = await trace.EndAsync(folder);
        // An answer in two parts is not found in the trace. Without a few of them the test checks a little less.
        Assert.InRange(steps.Count(step => step.Acknowledged > 0), Publications * 9 / 10, Publications);
        var files = string.Join(", ", steps.CountBy(step => $"{(step.IsSync ? "syncs of" : "steps of")} {step.File}").Select(
            count => $"{count.Value} {count.Key}"));
        output.WriteLine(files);
        Assert.True(steps.Any(step => step.IsSync && step.File == "buffer.db"), $"the log was never moved into the database: {files}");
        for (var cut = 0; cut < Cuts; cut++)
        {
            var at = random.Next(steps.Count);
            await AssertSurvivesAsync(before, steps[..at], random, $"seed {seed}, cut {cut} at step {at} of {steps.Count}");
        }

        output.WriteLine($"seed {seed}, {Cuts} cuts");
    }

    private static async Task AssertSurvivesAsync(string before, List<DiskTrace.Step> steps, Random random, string what)
    {
        var folder = TestBuffer.CopyFiles(before);
        try
        {
            foreach (var file in steps.Where(step => step.File is not ("" or "buffer.db-shm")).GroupBy(step => step.File))
            {
                Replay(Path.Combine(folder, file.Key), [.. file], random);
            }

            var acknowledged = steps.Max(step => (long?)step.Acknowledged) ?? 0;
            await using var buffer = TestBuffer.Open(folder);
            var batches = await buffer.DrainAsync();
            var stored = batches.SelectMany(batch => batch.Messages).Select(message => message.Sequence).ToHashSet();
            var missing = steps.Select(step => step.Acknowledged).Where(number => number > 0 && !stored.Contains(number)).ToList();
            Assert.True(missing.Count == 0, $"{what}: {missing.Count} are missing, the first is {missing.FirstOrDefault()}");
            Assert.DoesNotContain(batches.SelectMany(batch => batch.Losses), loss => loss.First <= acknowledged);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Replay(string path, DiskTrace.Step[] steps, Random random)
    {
        var synced = Array.FindLastIndex(steps, step => step.IsSync);
        using var file = File.Open(path, FileMode.OpenOrCreate);
        for (var i = 0; i < steps.Length; i++)
        {
            if (steps[i] is { Bytes: { } bytes } write)
            {
                Write(file, write.Offset, bytes, i < synced ? null : random);
            }
            else if (!steps[i].IsSync && (i < synced || random.Next(2) == 0))
            {
                file.SetLength(steps[i].Offset);
            }
        }
    }

    // Each page of what was not synced may have reached the disk, in any order.
    private static void Write(FileStream file, long offset, byte[] bytes, Random? random)
    {
        for (var done = 0; done < bytes.Length;)
        {
            var part = (int)Math.Min(bytes.Length - done, PageSize - ((offset + done) % PageSize));
            if (random is null || random.Next(2) == 0)
            {
                file.Position = offset + done;
                file.Write(bytes, done, part);
            }

            done += part;
        }
    }
}
