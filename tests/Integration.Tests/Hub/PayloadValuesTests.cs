using System.Formats.Cbor;
using System.Globalization;
using System.Text;
using CsCheck;
using NetworkProtocol.Hub.Values;

namespace Integration.Tests.Hub;

/// <summary>What the payload of a message becomes.</summary>
public sealed class PayloadValuesTests
{
    private const long Time = 1_700_000_000_000;

    [Theory]
    [InlineData("21.5", "=21.5")]
    [InlineData(" -3e2\r\n", "=-300")]
    [InlineData("NaN", "bytes")]
    [InlineData("Infinity", "bytes")]
    [InlineData("1e999", "bytes")]
    [InlineData("", "bytes")]
    [InlineData("1,5", "bytes")]
    [InlineData("open", "bytes")]
    [InlineData("{\"a\":1,\"b\":true,\"c\":\"x\",\"d\":{\"e\":5}}", "a=1 b=1 +bytes")]
    [InlineData("{\"a\":1e999,\"b\":2}", "b=2 +bytes")]
    [InlineData("{\"t\":21.5,\"state\":\"open\"}", "t=21.5 +bytes")]
    [InlineData("{\"t\":21.5,\"on\":true}", "t=21.5 on=1")]
    [InlineData("{\"a\":\"x\"}", "bytes")]
    [InlineData("{\"a\":1} x", "bytes")]
    [InlineData("{a:1}", "bytes")]
    [InlineData("[1,2,3]", "bytes")]
    [InlineData("[{\"name\":1}]", "bytes")]
    [InlineData("[{\"n\":\"t\",\"v\":1}", "bytes")]
    [InlineData("[{\"n\":\"t\",\"u\":\"Cel\",\"v\":20.5}]", "t=20.5[Cel]")]
    [InlineData("[{\"bn\":\"r/\",\"bt\":1600000000,\"bu\":\"%RH\",\"bv\":10,\"n\":\"h\",\"v\":1,\"t\":2},{\"n\":\"i\",\"vb\":false}]",
        "r/h=11[%RH]@1600000002000 r/i=0[%RH]@1600000000000")]
    [InlineData("[{\"n\":\"t\",\"v\":1,\"t\":-10}]", "t=1@1699999990000")]
    [InlineData("[{\"n\":\"t\",\"v\":1},{\"n\":\"s\",\"vs\":\"text\"}]", "t=1 +bytes")]
    [InlineData("[{\"n\":\"s\",\"vs\":\"text\"}]", "bytes")]
    [InlineData("[{\"n\":\"t\",\"v\":\"NaN\"}]", "dead")]
    [InlineData("[{\"n\":\"t\",\"v\":1e999}]", "dead")]
    [InlineData("[{\"n\":\"t\",\"v\":1,\"t\":1e12}]", "dead")]
    [InlineData("[{\"n\":\"t\",\"v\":1,\"t\":-1e10}]", "dead")]
    [InlineData("[{\"v\":1}]", "dead")]
    [InlineData("[{\"n\":\"t\",\"v\":1,\"x_\":1}]", "dead")]
    [InlineData("{\"a\\u0001\":1}", "dead")]
    [InlineData("{\"\\ud800\":1}", "dead")]
    [InlineData("[{\"\\ud800\":1}]", "dead")]
    public void A_payload_becomes_numbers_bytes_or_a_dead_letter(string payload, string expected) =>
        Assert.Equal(expected, Show(PayloadValues.Read(Encoding.UTF8.GetBytes(payload), Time, Time)));

    [Fact]
    public void A_message_beyond_a_limit_is_a_dead_letter()
    {
        Assert.Equal("dead", Show(Read($"{{{Fields(PayloadLimits.MaxFields + 1)}}}")));
        Assert.NotEqual("dead", Show(Read($"{{{Fields(PayloadLimits.MaxFields)}}}")));
        Assert.Equal("dead", Show(Read($"[{Records(PayloadLimits.MaxValues + 1)}]")));
        Assert.Equal(PayloadLimits.MaxValues, Read($"[{Records(PayloadLimits.MaxValues)}]").Count);
        Assert.Equal("dead", Show(Read("{\"a\":" + new string('[', 20) + new string(']', 20) + "}")));
        Assert.Equal("dead", Show(Read($"{{\"{new string('x', PayloadLimits.MaxFieldBytes + 1)}\":1}}")));

        static string Fields(int count) => string.Join(',', Enumerable.Range(0, count).Select(i => $"\"f{i}\":{i}"));
        static string Records(int count) => string.Join(',', Enumerable.Range(0, count).Select(i => $"{{\"n\":\"t\",\"v\":{i}}}"));
    }

    [Fact]
    public void SenML_in_CBOR_is_read_likewise()
    {
        var writer = new CborWriter();
        writer.WriteStartArray(2);
        writer.WriteStartMap(3);
        writer.WriteInt32(-2);
        writer.WriteTextString("r/");
        writer.WriteInt32(0);
        writer.WriteTextString("h");
        writer.WriteInt32(2);
        writer.WriteDouble(1.5);
        writer.WriteEndMap();
        writer.WriteStartMap(2);
        writer.WriteInt32(0);
        writer.WriteTextString("s");
        writer.WriteInt32(3);
        writer.WriteTextString("text");
        writer.WriteEndMap();
        writer.WriteEndArray();
        Assert.Equal("r/h=1.5 +bytes", Show(PayloadValues.Read(writer.Encode(), Time, Time)));
        Assert.Equal("bytes", Show(PayloadValues.Read(writer.Encode().AsMemory(1), Time, Time)));
    }

    [Fact]
    public void No_bytes_make_it_throw() => Gen.Select(
        Gen.Int[0, 3].Select(i => new[] { "", "{", "[{", "[{\"n\":\"a\",\"v\":" }[i]), Gen.Byte.Array[0, 60]).Sample(
        (start, rest) => PayloadValues.Read((byte[])[.. Encoding.UTF8.GetBytes(start), .. rest], Time, Time));

    private static PayloadValues Read(string text) => PayloadValues.Read(Encoding.UTF8.GetBytes(text), Time, Time);

    private static string Show(PayloadValues values)
    {
        if (values.Problem is { } problem)
        {
            Assert.EndsWith(".", problem, StringComparison.Ordinal);
            return "dead";
        }

        var numbers = Enumerable.Range(0, values.Count).Select(i => values[i]).Select(value => string.Create(
            CultureInfo.InvariantCulture,
            $"{value.Field}={value.Value}{(value.Unit.Length > 0 ? $"[{value.Unit}]" : "")}"
                + $"{(value.Time == Time ? "" : $"@{value.Time}")}"));
        return string.Join(' ', [.. numbers, .. values.KeepsBytes ? new[] { values.Count > 0 ? "+bytes" : "bytes" } : []]);
    }
}
