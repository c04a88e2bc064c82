using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Values;

namespace Fuzz;

/// <summary>What sensors and edges send.</summary>
internal static class Forwarded
{
    public static IEnumerable<byte[]> Batches =>
    [
        Good(1).Encode(), Good(60).Encode(),
        new Batch("edge", Lane.Alarm, 7, 3, [], [new Loss(3, 4, LossReason.Damaged)]).Encode(),
    ];

    public static IEnumerable<byte[]> Hellos =>
        [new Hello("edge", Lane.Alarm, 7, 3, 99).Encode(), new Hello("e", Lane.Bulk, 1, 1, null).Encode()];

    public static IEnumerable<byte[]> Publications =>
    [
        "room1/temperature 21.5"u8.ToArray(),
        new Publication("t", new byte[3], DateTimeOffset.UnixEpoch, Lane.Alarm, TimeSpan.FromSeconds(5)).Encode(),
    ];

    public static IEnumerable<byte[]> Payloads =>
    [
        "21.5"u8.ToArray(), "open"u8.ToArray(), "{\"a\":1,\"b\":true,\"c\":{\"d\":[1,2]}}"u8.ToArray(),
        "[{\"bn\":\"r/\",\"bt\":1600000000,\"bu\":\"%RH\",\"n\":\"h\",\"v\":1,\"t\":2}]"u8.ToArray(),
        "[{\"n\":\"s\",\"vs\":\"x\"},{\"n\":\"b\",\"vb\":true,\"x_\":1}]"u8.ToArray(),
        "[{\"\\ud800\":1}]"u8.ToArray(), "{\"\\ud800\":1}"u8.ToArray(),
        Convert.FromHexString("82A3216472312F2D0061680201A2006173036474657874"),
    ];

    public static IEnumerable<byte[]> Rollups =>
    [
        new RollupReport("", "", 60, 1_699_999_980_000, 3, 60, 10, 30, 20, 1_699_999_990_000).Encode(),
        new RollupReport("t", "Cel", 86_400, 1_699_920_000_000, 1, -0.5, -0.5, -0.5, -0.5, 1_699_920_000_000).Encode(),
        new RollupReport("t", "", 3600, 1, 0, double.NaN, 1, 0, 2, 3).Encode(),
    ];

    public static int ReadBatch(byte[] bytes) => Read(() =>
    {
        var batch = Batch.Decode(bytes);
        var again = Batch.Decode(batch.Encode());
        Targets.Require((batch.Last, batch.Messages.Count) == (again.Last, again.Messages.Count), "a batch did not read back");
        var numbers = batch.Messages.Select(message => message.Sequence).ToArray();
        Targets.Require(numbers.Order().SequenceEqual(numbers), "the numbers are not in order");
        return Targets.Kind(Targets.Bucket(batch.Messages.Count), Targets.Bucket(batch.Losses.Count), (int)batch.Lane);
    });

    public static int ReadHello(byte[] bytes) => Read(() =>
    {
        var hello = Hello.Decode(bytes);
        Targets.Require(hello == Hello.Decode(hello.Encode()), "a greeting did not read back");
        return Targets.Kind((int)hello.Lane, hello.Checksum is null ? 0 : 1);
    });

    public static int ReadPublication(byte[] bytes) => Read(() =>
    {
        var publication = Publication.Read(bytes);
        Targets.Require(publication.Topic == Publication.Read(publication.Encode()).Topic, "a publication did not read back");
        return Targets.Kind((int)publication.Lane, publication.Time is null ? 0 : 1, Targets.Bucket(publication.Payload.Length));
    });

    public static int ReadRollup(byte[] bytes) => Read(() =>
    {
        var rollup = RollupReport.Decode(bytes);
        Targets.Require(rollup == RollupReport.Decode(rollup.Encode()), "a rollup did not read back");
        Targets.Require(rollup.Count > 0 && rollup.Start % (rollup.Seconds * 1000L) == 0, "a rollup cannot be true");
        return Targets.Kind(rollup.Seconds, Targets.Bucket(rollup.Field.Length), Targets.Bucket(rollup.Unit.Length));
    });

    public static int ReadPayload(byte[] bytes)
    {
        var now = Targets.Now.ToUnixTimeMilliseconds();
        var values = PayloadValues.Read(bytes, now, now);
        Targets.Require(values.Problem is null || (values.Count == 0 && !values.KeepsBytes), "a dead letter has values");
        Targets.Require(
            values.Problem is not null || values.Count > 0 || values.KeepsBytes || values.Rollup is not null, "a message was lost");
        for (var i = 0; i < values.Count; i++)
        {
            Targets.Require(double.IsFinite(values[i].Value), "a value is not finite");
            Targets.Require(values[i].Time is >= 0 and <= PayloadLimits.MaxTime, "a time is out of range");
        }

        return Targets.Kind(values.Problem?.Length ?? 0, values.KeepsBytes ? 1 : 0, Targets.Bucket(values.Count));
    }

    private static int Read(Func<int> read)
    {
        try
        {
            return 1 + read();
        }
        catch (EncodingException e)
        {
            return -(e.Message.Length % 64);
        }
    }

    private static Batch Good(int count) => new(
        "edge",
        Lane.Bulk,
        1,
        5,
        [.. Enumerable.Range(0, count).Select(i => new BatchMessage(5 + i, 1_700_000_000_000 + i, $"topic{i % 3}", "21.5"u8.ToArray()))],
        [new Loss(5 + count, 2, LossReason.Full)]);
}
