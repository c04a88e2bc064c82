using System.Globalization;
using System.Text;
using Integration.Tests.Console;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Forwarding;
using Xunit.Abstractions;

namespace Integration.Tests.Edge;

/// <summary>A buffer whose files are damaged: it always starts, sends nothing that is wrong, and counts what is lost.</summary>
public sealed class DamagedBufferTests(ITestOutputHelper output) : IDisposable
{
    private const int Messages = 400;

    /// <summary><c>EDGE_FLIPS</c> sets a larger number than the suite's.</summary>
    private static readonly int Flips = int.Parse(
        Environment.GetEnvironmentVariable("EDGE_FLIPS") ?? "60", CultureInfo.InvariantCulture);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("buffer.db")]
    [InlineData("buffer.db-wal")]
    public async Task One_flipped_bit_never_stops_the_start(string file)
    {
        var files = await WriteAsync(checkpointed: file == "buffer.db");
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var lost = new List<int>();
        for (var i = 0; i < Flips; i++)
        {
            var folder = TestBuffer.CopyFiles(files);
            var path = Path.Combine(folder, file);
            var at = random.NextInt64(new FileInfo(path).Length);
            Flip(path, at, random.Next(8));
            lost.Add(Messages - await AssertHonestAsync(folder, $"seed {seed}, byte {at} of {file}"));
        }

        output.WriteLine($"{file}: {Flips} flips, {lost.Count(count => count > 0)} lost messages, {lost.Count(count => count > 1)} more than "
            + $"one, the most {lost.Max()}; on average {lost.Average():0.00}");
    }

    [Theory]
    [InlineData("buffer.db")]
    [InlineData("buffer.db-wal")]
    public async Task A_file_that_was_cut_never_stops_the_start(string file)
    {
        var files = await WriteAsync(checkpointed: file == "buffer.db");
        var length = new FileInfo(Path.Combine(files, file)).Length;
        for (var cut = 0L; cut < length; cut += Math.Max(64, length / 40))
        {
            var folder = TestBuffer.CopyFiles(files);
            using (var stream = File.OpenWrite(Path.Combine(folder, file)))
            {
                stream.SetLength(cut);
            }

            await AssertHonestAsync(folder, $"{file} cut to {cut} bytes");
        }
    }

    [Fact]
    public async Task A_wrong_row_is_a_loss_and_the_rows_around_it_are_sent()
    {
        var files = await WriteAsync(checkpointed: true);
        var path = Path.Combine(files, "buffer.db");
        var bytes = File.ReadAllBytes(path);
        var at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes("value 00200 "));
        bytes[at] ^= 1;
        File.WriteAllBytes(path, bytes);
        await using var buffer = TestBuffer.Open(files);
        var batch = Assert.Single(await buffer.DrainAsync());
        Assert.Equal(Messages - 1, batch.Messages.Count);
        Assert.Equal([new Loss(200, 1, LossReason.Damaged)], batch.Losses);
        Assert.Equal(1, buffer.Metrics.DroppedFor(Drop.Damaged));
    }

    [Fact]
    public async Task A_damaged_file_is_kept_and_the_new_one_has_a_higher_epoch()
    {
        var files = await WriteAsync(checkpointed: true);
        long epoch;
        await using (var before = TestBuffer.Open(TestBuffer.CopyFiles(files)))
        {
            epoch = before.State.Epoch;
        }

        File.WriteAllBytes(Path.Combine(files, "buffer.db"), new byte[10_000]);
        await using var buffer = TestBuffer.Open(files);
        Assert.True(buffer.State.Epoch >> 31 > epoch >> 31);
        Assert.Contains(Directory.EnumerateFiles(files), file => file.Contains(".damaged-", StringComparison.Ordinal));
        Assert.Equal(1, await buffer.AppendAsync());
    }

    /// <summary>Writes messages and returns a folder with the files, with everything in the database or everything in its log.</summary>
    private async Task<string> WriteAsync(bool checkpointed)
    {
        var folder = Path.Combine(_folder.Path, "written");
        string? copy = null;
        await using (var buffer = TestBuffer.Open(folder))
        {
            for (var i = 1; i <= Messages; i += 100)
            {
                var first = i;
                await Task.WhenAll(Enumerable.Range(first, 100).Select(value => buffer.AppendAsync(Text(value))));
            }

            copy = checkpointed ? null : TestBuffer.CopyFiles(folder);
        }

        return copy ?? TestBuffer.CopyFiles(folder); // closing the database has put the log into it
    }

    /// <summary>Returns how many messages are left.</summary>
    private static async Task<int> AssertHonestAsync(string folder, string what)
    {
        try
        {
            await using var buffer = TestBuffer.Open(folder);
            var batches = await buffer.DrainAsync();
            var next = batches.Count > 0 ? batches[0].First : 1;
            foreach (var batch in batches)
            {
                Assert.True(batch.First == next, $"{what}: a batch begins with {batch.First}, and {next} is next");
                Assert.All(batch.Messages, message => Assert.Equal(Text(message.Sequence), Encoding.UTF8.GetString(message.Payload.Span)));
                next = batch.Last + 1;
            }

            Assert.Equal(next, await buffer.AppendAsync("new"));
            return batches.Sum(batch => batch.Messages.Count);
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            throw new InvalidOperationException(what, e);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Text(long number) => string.Create(CultureInfo.InvariantCulture, $"value {number:D5} ")
        + new string('x', (int)(number % 50));

    private static void Flip(string path, long at, int bit)
    {
        using var stream = File.Open(path, FileMode.Open);
        stream.Position = at;
        var value = stream.ReadByte();
        stream.Position = at;
        stream.WriteByte((byte)(value ^ (1 << bit)));
    }
}
