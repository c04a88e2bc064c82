using System.IO.Compression;
using CsCheck;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Tests;

/// <summary>What edge and hub say to each other: each encoding reads back, and no bytes do harm.</summary>
public sealed class ForwardingTests
{
    private static readonly Gen<string> Names = Gen.Char["abcäß/€"].Array[1, 20].Select(chars => new string(chars));

    private static readonly Gen<byte[]> Payloads = Gen.Byte.Array[0, 40];

    private static readonly Gen<Batch> Batches = Gen.Select(
        Names,
        Gen.Enum<Lane>(),
        Gen.Long[1, Batch.MaxNumber],
        Gen.Long[1, Batch.MaxNumber - 100_000],
        Gen.Long[0, Batch.MaxNumber],
        Gen.Select(Names, Gen.Long[0, 4_000_000_000_000], Payloads, Gen.Int[0, 3]).Array[0, 40],
        Make);

    private static readonly Gen<RollupReport> Rollups = Gen.Select(
        Names,
        Gen.Int[0, 2].Select(index => new[] { 60, 3600, 86_400 }[index]),
        Gen.Long[0, 40_000],
        Gen.Long[1, RollupReport.MaxCount],
        Gen.Double[-1e300, 1e300],
        Gen.Double[-1e300, 1e300].Array[3],
        Gen.Long[0, 59_999],
        (name, seconds, period, count, sum, numbers, at) =>
        {
            Array.Sort(numbers);
            var start = period * seconds * 1000;
            return new RollupReport(name, name, seconds, start, count, sum, numbers[0], numbers[2], numbers[1], start + at);
        });

    [Fact]
    public void A_batch_reads_back() => Batches.Sample(batch =>
    {
        var read = Batch.Decode(batch.Encode());
        Assert.Equal(
            (batch.Source, batch.Lane, batch.Epoch, batch.First, batch.Last, batch.Behind),
            (read.Source, read.Lane, read.Epoch, read.First, read.Last, read.Behind));
        Assert.Equal(batch.Losses, read.Losses);
        Assert.Equal(batch.Messages.Select(Show), read.Messages.Select(Show));
    });

    [Fact]
    public void A_greeting_and_the_answers_read_back() =>
        Gen.Select(Names, Gen.Long[1, Batch.MaxNumber], Gen.UInt.Nullable(), Gen.Int[0, 9].Nullable()).Sample(
            (name, number, checksum, credit) =>
        {
            var hello = new Hello(name, Lane.Alarm, number, number, checksum);
            Assert.Equal(hello, Hello.Decode(hello.Encode()));
            var greeted = new HelloAnswer(number, number, credit, HelloStatus.Fork);
            Assert.Equal(greeted, HelloAnswer.Decode(greeted.Encode()));
            var answer = new AppendAnswer(number, AppendStatus.Later, credit, credit is { } ms ? TimeSpan.FromMilliseconds(ms) : null);
            Assert.Equal(answer, AppendAnswer.Decode(answer.Encode()));
        });

    [Fact]
    public void A_publication_reads_back() =>
        Gen.Select(Names, Payloads, Gen.Long[0, 4_000_000_000_000].Nullable()).Sample((topic, payload, time) =>
    {
        var at = time is { } given ? DateTimeOffset.FromUnixTimeMilliseconds(given) : (DateTimeOffset?)null;
        var read = Publication.Read(new Publication(topic, payload, at, Lane.Alarm, TimeSpan.FromSeconds(9)).Encode());
        Assert.Equal((topic, at, Lane.Alarm, TimeSpan.FromSeconds(9)), (read.Topic, read.Time, read.Lane, read.TimeToLive));
        Assert.Equal(payload, read.Payload.ToArray());
    });

    [Fact]
    public void A_rollup_reads_back() => Rollups.Sample(rollup => Assert.Equal(rollup, RollupReport.Decode(rollup.Encode())));

    [Fact]
    public void A_rollup_has_the_bytes_that_the_documentation_shows() => Assert.Equal(
        "DA4E505255AB0001016174026343656C03183C041B0000018BCFE519E0050206F94D0007F9488008F9498009F949800A1B00"
            + "00018BCFE540F0",
        Convert.ToHexString(new RollupReport("t", "Cel", 60, 1_700_000_000_000 - 20_000, 2, 20, 9, 11, 11, 1_699_999_990_000).Encode()));

    [Fact]
    public void A_rollup_with_a_changed_byte_is_refused_or_can_be_true() =>
        Gen.Select(Rollups, Gen.Int[0, 500], Gen.Byte, Gen.Int[0, 500]).Sample((rollup, at, change, length) =>
        {
            var bytes = rollup.Encode();
            bytes[at % bytes.Length] ^= change;
            try
            {
                Assert.Null(RollupReport.Decode(length < bytes.Length ? bytes.AsMemory(0, length) : bytes).ProblemOf());
            }
            catch (EncodingException)
            {
                // Refused.
            }
        });

    [Fact]
    public void A_sensor_cannot_publish_a_rollup()
    {
        var rollup = new RollupReport("t", "Cel", 60, 0, 2, 3, 1, 2, 2, 1_000).Encode();
        var error = Assert.Throws<EncodingException>(() => Publication.Read(new Publication("topic", rollup).Encode()));
        Assert.Contains("only a hub sends", error.Message, StringComparison.Ordinal);
        Assert.NotNull(new Publication("topic", rollup).ProblemOf());
    }

    [Fact]
    public void A_rollup_that_cannot_be_true_is_refused()
    {
        var good = new RollupReport("t", "Cel", 60, 0, 2, 3, 1, 2, 2, 1_000);
        (string Problem, RollupReport Report)[] impossible =
        [
            ("no multiple", good with { Start = 1_000 }),
            ("length is 61", good with { Seconds = 61 }),
            ("0 numbers", good with { Count = 0 }),
            ("must have 1 to", good with { Count = RollupReport.MaxCount + 1 }),
            ("not finite", good with { Sum = double.NaN }),
            ("not finite", good with { Max = double.PositiveInfinity }),
            ("not from 1 to 2", good with { Last = 3 }),
            ("not within", good with { LastTime = 60_000 }),
            ("more than 256", good with { Field = new string('x', 257) }),
            ("more than 64", good with { Unit = new string('ß', 40) }),
            ("control character", good with { Field = "a\nb" }),
        ];
        Assert.Equal(good, RollupReport.Decode(good.Encode()));
        Assert.All(impossible, one => Assert.Contains(
            one.Problem,
            Assert.Throws<EncodingException>(() => RollupReport.Decode(one.Report.Encode())).Message,
            StringComparison.Ordinal));
    }

    [Fact]
    public void Damaged_bytes_are_refused_or_read_and_never_anything_else() =>
        Gen.Select(Batches, Gen.Int[0, 5000], Gen.Byte, Gen.Int[0, 5000]).Sample((batch, at, change, length) =>
        {
            var bytes = batch.Encode();
            bytes[at % bytes.Length] ^= change;
            Try(bytes);
            Try(bytes[..(length % bytes.Length)]);
        });

    [Fact]
    public void A_batch_that_expands_to_a_gigabyte_costs_no_gigabyte()
    {
        var bomb = new MemoryStream();
        bomb.Write([1, 1]);
        using (var brotli = new BrotliStream(bomb, CompressionLevel.Fastest, leaveOpen: true))
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 1024; i++)
            {
                brotli.Write(zeros);
            }
        }

        Assert.InRange(bomb.Length, 1, Batch.MaxEncodedBytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<EncodingException>(() => Batch.Decode(bomb.ToArray()));
        Assert.Contains("expands", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(7)]
    public void A_claimed_number_of_elements_allocates_nothing(int key)
    {
        byte[] bytes = [1, 0, 0xA1, (byte)key, 0x9A, 0x00, 0x0F, 0x42, 0x40]; // an array of 1,000,000 elements, and no element
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<EncodingException>(() => Batch.Decode(bytes));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Topics_of_64_KiB_are_refused()
    {
        var topic = new string('t', 65_536);
        Assert.Throws<EncodingException>(() => Publication.Read(new Publication(topic, new byte[1]).Encode()));
        Assert.Throws<EncodingException>(() => Batch.Decode(Make("edge", Lane.Bulk, 1, 1, 0, [(topic, 0, [1], 0)]).Encode()));
    }

    [Fact]
    public void Losses_must_fit_between_the_messages()
    {
        Refuse([new Loss(5, 1, LossReason.Full)]);
        Refuse([new Loss(1, 2, LossReason.Full), new Loss(2, 1, LossReason.Full)]);
        Refuse([new Loss(1, Batch.MaxNumber, LossReason.Full)]);

        static void Refuse(Loss[] losses) => Assert.Throws<EncodingException>(
            () => Batch.Decode(new Batch("edge", Lane.Bulk, 1, 1, [new BatchMessage(1, 0, "t", new byte[1])], losses).Encode()));
    }

    private static void Try(byte[] bytes)
    {
        try
        {
            Batch.Decode(bytes);
        }
        catch (EncodingException)
        {
            // refused, as it should be
        }
    }

    private static string Show(BatchMessage message) =>
        $"{message.Sequence} {message.Time} {message.Topic} {Convert.ToHexString(message.Payload.Span)}";

    /// <summary>A batch in which each message has a number of losses before it.</summary>
    private static Batch Make(
        string source, Lane lane, long epoch, long first, long behind, (string Topic, long Time, byte[] Payload, int Lost)[] messages)
    {
        var (next, losses, numbered) = (first, new List<Loss>(), new List<BatchMessage>());
        foreach (var (topic, time, payload, lost) in messages)
        {
            if (lost > 0)
            {
                losses.Add(new Loss(next, lost, LossReason.Expired));
                next += lost;
            }

            numbered.Add(new BatchMessage(next++, time, topic, payload));
        }

        return new Batch(source, lane, epoch, first, numbered, losses, behind);
    }
}
