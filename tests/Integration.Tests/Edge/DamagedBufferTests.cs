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
    private const int PageSize = 4096;

    /// <summary><c>EDGE_FLIPS</c> sets a larger number than the suite's.</summary>
    private static readonly int Flips = int.Parse(
        Environment.GetEnvironmentVariable("EDGE_FLIPS") ?? "30", CultureInfo.InvariantCulture);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("buffer.db")]
    [InlineData("buffer.db-wal")]
    public async Task One_flipped_bit_never_stops_the_start_and_loses_one_message_at_most(string file)
    {
        var files = await WriteAsync(checkpointed: file == "buffer.db");
        var seed = EdgeHubTests.Number("EDGE_SEED", Random.Shared.Next());
        var random = new Random(seed);
        var lost = new List<int>();
        for (var i = 0; i < Flips; i++)
        {
            var folder = TestBuffer.CopyFiles(files);
            var path = Path.Combine(folder, file);
            var pages = PagesInUse(path);
            var at = pages[random.Next(pages.Count)] + random.Next(PageSize);
            Flip(path, at, random.Next(8));
            var what = $"seed {seed}, byte {at} of {file}";
            lost.Add(Messages - await AssertHonestAsync(folder, what));
            Assert.True(lost[^1] <= 1, $"{what}: {lost[^1]} messages are lost");
        }

        output.WriteLine($"{file}: {Flips} flips, {lost.Count(count => count > 0)} lost messages, "
            + $"{lost.Count(count => count > 1)} more than one, the most {lost.Max()}; on average {lost.Average():0.00}");
    }

    [Theory]
    [InlineData("buffer.db")]
    [InlineData("buffer.db-wal")]
    public async Task A_file_that_was_cut_never_stops_the_start(string file)
    {
        var files = await WriteAsync(checkpointed: file == "buffer.db");
        var length = new FileInfo(Path.Combine(files, file)).Length;
        for (var cut = 0L; cut < length; cut += Math.Max(64, length / 20))
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
    public async Task Large_messages_in_a_damaged_log_are_found()
    {
        var folder = Path.Combine(_folder.Path, "large");
        string copy;
        await using (var written = TestBuffer.Open(folder))
        {
            for (var i = 0; i < 4; i++)
            {
                await written.AppendAsync($"begin {i}" + new string('x', 20_000));
            }

            copy = TestBuffer.CopyFiles(folder);
        }

        Flip(Path.Combine(copy, "buffer.db-wal"), PagesInUse(Path.Combine(copy, "buffer.db-wal"))[0], 0);
        await using var buffer = TestBuffer.Open(copy);
        Assert.InRange((await buffer.DrainAsync()).Sum(batch => batch.Messages.Count), 3, 4);
    }

    [Fact]
    public async Task A_wrong_row_that_is_a_batch_of_its_own_takes_no_other_with_it()
    {
        var folder = Path.Combine(_folder.Path, "large");
        await using (var written = TestBuffer.Open(folder))
        {
            for (var i = 0; i < 4; i++)
            {
                await written.AppendAsync($"begin {i}" + new string('x', 180_000));
            }
        }

        var path = Path.Combine(folder, "buffer.db");
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.AsSpan().IndexOf("begin 0"u8)] ^= 1;
        File.WriteAllBytes(path, bytes);
        await using var buffer = TestBuffer.Open(folder);
        var batches = await buffer.DrainAsync();
        Assert.Equal([2, 3, 4], batches.SelectMany(batch => batch.Messages).Select(message => message.Sequence));
        Assert.Equal([new Loss(1, 1, LossReason.Damaged)], batches.SelectMany(batch => batch.Losses));
    }

    [Theory]
    [InlineData("UPDATE lanes SET mark = 300")] // would hide 300 messages
    [InlineData("UPDATE lanes SET next = 10")] // would give numbers again
    [InlineData("UPDATE epoch SET epoch = -5")]
    [InlineData("UPDATE messages SET expires = 0")] // one flipped bit of a row that never expires
    public async Task A_number_that_cannot_be_true_is_damage(string change)
    {
        var files = await WriteAsync(checkpointed: true);
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={files}/buffer.db;Pooling=False"))
        {
            connection.Open();
            connection.Execute(change);
        }

        await using var buffer = TestBuffer.Open(files);
        Assert.Equal(Messages, (await buffer.DrainAsync()).Sum(batch => batch.Messages.Count));
        Assert.Equal(Messages + 1, await buffer.AppendAsync());
    }

    [Fact]
    public async Task A_salvage_that_was_interrupted_is_finished_at_the_next_start()
    {
        var files = await WriteAsync(checkpointed: true);
        File.Move(Path.Combine(files, "buffer.db"), Path.Combine(files, "buffer.db.salvaged"));
        File.WriteAllBytes(Path.Combine(files, "buffer.db"), new byte[100]);
        File.WriteAllBytes(Path.Combine(files, "buffer.db-wal"), new byte[100]); // of the damaged file
        await using var buffer = TestBuffer.Open(files);
        Assert.Equal(Messages, buffer.State.Messages);
        Assert.Equal(2, Directory.EnumerateFiles(files).Count(file => file.Contains(".damaged-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_answer_about_a_file_that_was_made_anew_meanwhile_deletes_nothing()
    {
        await using var buffer = TestBuffer.Open(_folder.Path);
        await buffer.AppendAsync();
        await buffer.AcknowledgeAsync(5000); // no message had this number
        Assert.Equal(1, buffer.State.Messages);
        Assert.Equal(2, await buffer.AppendAsync());
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
        Assert.Equal(Messages, buffer.Metrics.DroppedFor(Drop.Damaged)); // a note beside the file knows the last number
        Assert.Equal(Messages + 1, await buffer.AppendAsync());
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
            var left = batches.Sum(batch => batch.Messages.Count);
            Assert.True(
                buffer.Metrics.DroppedFor(Drop.Damaged) == Messages - left,
                $"{what}: {Messages - left} messages are lost, and {buffer.Metrics.DroppedFor(Drop.Damaged)} are counted");
            return left;
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

    /// <summary>
    /// Where the pages are that hold something: most pages are free, and a flipped bit in them would test nothing. Of the log these are the
    /// pages of the last round.
    /// </summary>
    private static List<long> PagesInUse(string path)
    {
        const int LogHeader = 32, FrameHeader = 24, LeastBytes = 20;
        var bytes = File.ReadAllBytes(path);
        var isLog = path.EndsWith("-wal", StringComparison.Ordinal);
        var pages = new List<long>();
        for (var at = isLog ? LogHeader + FrameHeader : 0; at + PageSize <= bytes.Length; at += PageSize + (isLog ? FrameHeader : 0))
        {
            var isCurrent = !isLog || bytes.AsSpan(at - FrameHeader + 8, 8).SequenceEqual(bytes.AsSpan(16, 8));
            if (isCurrent && bytes.AsSpan(at, PageSize).ToArray().Count(value => value != 0) >= LeastBytes)
            {
                pages.Add(at);
            }
        }

        return pages;
    }

    private static void Flip(string path, long at, int bit)
    {
        using var stream = File.Open(path, FileMode.Open);
        stream.Position = at;
        var value = stream.ReadByte();
        stream.Position = at;
        stream.WriteByte((byte)(value ^ (1 << bit)));
    }
}
