using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NetworkProtocol.Edge;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Edge.Uplink;
using NetworkProtocol.Forwarding;

namespace Integration.Tests.Edge;

/// <summary>An edge's buffer in a folder of the test.</summary>
internal sealed class TestBuffer : IAsyncDisposable
{
    private const string Source = "edge";

    private TestBuffer(MessageBuffer buffer, BufferStorage storage, EdgeMetrics metrics)
    {
        (Buffer, Storage, Metrics) = (buffer, storage, metrics);
    }

    public MessageBuffer Buffer { get; }

    public BufferStorage Storage { get; }

    public EdgeMetrics Metrics { get; }

    public BufferState State => Buffer.State!;

    public static TestBuffer Open(string folder, Action<EdgeOptions>? configure = null, TimeProvider? time = null)
    {
        var options = new EdgeOptions { Path = folder };
        configure?.Invoke(options);
        var metrics = new EdgeMetrics(TestMeters.Create(), time ?? TimeProvider.System);
        var storage = new BufferStorage(
            Options.Create(options), metrics, time ?? TimeProvider.System, NullLogger<MessageBuffer>.Instance);
        var buffer = new MessageBuffer(
            Options.Create(options), storage, metrics, time ?? TimeProvider.System, NullLogger<MessageBuffer>.Instance);
        buffer.Open();
        return new TestBuffer(buffer, storage, metrics);
    }

    /// <summary>Copies the files as they are on the disk at this moment, which is what a killed process leaves.</summary>
    public static string CopyFiles(string folder)
    {
        var copy = Directory.CreateTempSubdirectory("np-").FullName;
        foreach (var file in Directory.EnumerateFiles(folder).Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }

    public Task<long> AppendAsync(
        string value = "1", Lane lane = Lane.Bulk, long? expires = null, CancellationToken cancellationToken = default) =>
        Buffer.AppendAsync(
            new BufferedMessage(lane, 1_700_000_000_000, expires, "room/temperature", Encoding.UTF8.GetBytes(value)), cancellationToken);

    public async Task<Batch?> NextAsync(Lane lane = Lane.Bulk)
    {
        var (batch, damaged) = await Buffer.RunAsync(file => BatchBuilder.Next(file, lane, Source), CancellationToken.None);
        Metrics.Dropped(Drop.Damaged, damaged);
        return batch;
    }

    public Task AcknowledgeAsync(long mark, Lane lane = Lane.Bulk) =>
        Buffer.RunAsync(file => file.Acknowledge(lane, mark, null), CancellationToken.None);

    /// <summary>Sends everything to nobody: returns all batches, each acknowledged.</summary>
    public async Task<List<Batch>> DrainAsync(Lane lane = Lane.Bulk)
    {
        var batches = new List<Batch>();
        var salvages = 0;
        while (true)
        {
            try
            {
                if (await NextAsync(lane) is not { } batch)
                {
                    return batches;
                }

                await AcknowledgeAsync(batch.Last, lane);
                batches.Add(batch);
            }
            catch (BufferException) when (salvages++ < 3)
            {
                // The file was damaged where nobody had looked before. The buffer has made it anew, and the uplink asks again.
            }
        }
    }

    public ValueTask DisposeAsync() => Buffer.DisposeAsync();
}
