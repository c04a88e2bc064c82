using System.Diagnostics;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;
using NetworkProtocol.Edge;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Forwarding;

namespace Benchmarks.Load;

/// <summary>
/// Messages a second that the buffer of an edge makes durable in groups, beside an append of the same bytes to a bare file with one
/// fdatasync a group; and the bytes that a message costs on the disk and on the uplink. The two take turns.
/// </summary>
internal static partial class BufferScenario
{
    private const int Rounds = 5;

    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(2);

    public static async Task RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("np-buffer-").FullName;
        try
        {
            using var bare = File.OpenHandle(Path.Combine(folder, "bare"), FileMode.Create, FileAccess.Write);
            foreach (var (name, size) in new[] { ("A buffer with room", 10_000_000), ("A full buffer, which drops the oldest", 10_000) })
            {
                await using var buffer = Open(Path.Combine(folder, $"{size}"), size);
                foreach (var group in new[] { 1, 10, 100, 1000 })
                {
                    Console.Write($"{name}, ");
                    await CompareAsync(buffer, bare, group);
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        PrintUplink();
    }

    private static MessageBuffer Open(string folder, int size)
    {
        Directory.CreateDirectory(folder);
        var options = Options.Create(new EdgeOptions { Path = folder, OfflineBufferSize = size, OfflineBufferBytes = 4L << 30 });
        using var services = new ServiceCollection().AddMetrics().AddSingleton(TimeProvider.System).AddSingleton<EdgeMetrics>()
            .BuildServiceProvider();
        var metrics = services.GetRequiredService<EdgeMetrics>();
        var storage = new BufferStorage(options, metrics, TimeProvider.System, NullLogger<MessageBuffer>.Instance);
        var buffer = new MessageBuffer(options, storage, metrics, TimeProvider.System, NullLogger<MessageBuffer>.Instance);
        buffer.Open();
        return buffer;
    }

    private static async Task CompareAsync(MessageBuffer buffer, SafeFileHandle bare, int group)
    {
        var (ratios, rates, written) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            var before = WrittenBytes();
            var own = await MeasureAsync(group, first => AppendAsync(buffer, first, group));
            var bytes = (WrittenBytes() - before) / own.Messages;
            var other = await MeasureAsync(group, first => Append(bare, first, group));
            if (round > 0) // the first one warms up
            {
                ratios.Add(own.Rate / other.Rate);
                rates.Add(own.Rate);
                written.Add(bytes);
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"groups of {group}: {Median(rates):N0} messages/s, {Median(ratios):0.00} of a bare append and fdatasync "
            + $"({ratios.Min():0.00} to {ratios.Max():0.00}), {Median(written):N0} bytes written a message"));
    }

    private static async Task<(double Rate, long Messages)> MeasureAsync(int group, Func<long, Task> append)
    {
        var (watch, messages) = (Stopwatch.StartNew(), 0L);
        for (; watch.Elapsed < Turn; messages += group)
        {
            await append(messages);
        }

        return (messages / watch.Elapsed.TotalSeconds, messages);
    }

    private static Task<long[]> AppendAsync(MessageBuffer buffer, long first, int group) => Task.WhenAll(
        Enumerable.Range(0, group).Select(i => buffer.AppendAsync(Message(first + i), CancellationToken.None)));

    private static Task Append(SafeFileHandle file, long first, int group)
    {
        using var bytes = new MemoryStream();
        for (var i = 0; i < group; i++)
        {
            var (sequence, start) = (first + i, bytes.Position);
            var message = Message(sequence);
            bytes.Write(BitConverter.GetBytes(sequence));
            bytes.Write(BitConverter.GetBytes(message.Time));
            bytes.Write(Encoding.UTF8.GetBytes(message.Topic));
            bytes.Write(message.Payload.Span);
            bytes.Write(Crc32.Hash(bytes.GetBuffer().AsSpan((int)start, (int)(bytes.Position - start))));
        }

        RandomAccess.Write(file, bytes.GetBuffer().AsSpan(0, (int)bytes.Length), RandomAccess.GetLength(file));
        return Sync(file) == 0 ? Task.CompletedTask : throw new IOException("fdatasync failed.");
    }

    private static BufferedMessage Message(long number) => new(
        Lane.Bulk,
        1_780_000_000_000 + number,
        null,
        $"plant/line1/sensor{number % 20}/temperature",
        Encoding.ASCII.GetBytes((20 + (number % 1000 / 1000.0)).ToString("0.000", CultureInfo.InvariantCulture)));

    // Twenty sensors, each with a value of three decimals a second.
    private static void PrintUplink()
    {
        var messages = Enumerable.Range(1, Batch.MaxMessages).Select(i => Message(i)).Select((message, i) => new BatchMessage(
            i + 1, message.Time + (i * 50), message.Topic, message.Payload));
        var batch = new Batch("edge1", Lane.Bulk, 1, 1, [.. messages], []).Encode();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"Uplink: {(double)batch.Length / Batch.MaxMessages:0.0} bytes a message in a full batch"));
    }

    private static double Median(List<double> figures) => figures.Order().ElementAt(figures.Count / 2);

    private static double WrittenBytes() => double.Parse(
        File.ReadLines("/proc/self/io").First(line => line.StartsWith("write_bytes:", StringComparison.Ordinal)).Split(' ')[1],
        CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int Sync(SafeFileHandle file);
}
