using System.Globalization;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub.Values;

/// <summary>
/// What a message becomes: numbers if it is a number in text, a JSON object with numbers, or SenML (RFC 8428); its bytes if it is anything
/// else; a rollup that another hub has forwarded; or a dead letter.
/// </summary>
internal readonly struct PayloadValues
{
    private PayloadValues(
        IReadOnlyList<PayloadValue>? many, PayloadValue one, bool keepsBytes, string? problem, RollupReport? rollup = null)
    {
        Many = many;
        One = one;
        KeepsBytes = keepsBytes;
        Problem = problem;
        Rollup = rollup;
    }

    /// <summary>The numbers, if there may be several; null for exactly one, which needs no list, or for none.</summary>
    public IReadOnlyList<PayloadValue>? Many { get; }

    /// <summary>The number, if there is no list and the payload is not kept as bytes.</summary>
    public PayloadValue One { get; }

    /// <summary>Whether the payload is stored as it is: it is no number, or has more in it than its numbers.</summary>
    public bool KeepsBytes { get; }

    /// <summary>Why the message is a dead letter; null if it is not.</summary>
    public string? Problem { get; }

    /// <summary>The rollup that a hub has forwarded; null for any other message.</summary>
    public RollupReport? Rollup { get; }

    /// <summary>How many numbers there are.</summary>
    public int Count => Many?.Count ?? (KeepsBytes || Problem is not null || Rollup is not null ? 0 : 1);

    /// <summary>How many rows of the store the message becomes.</summary>
    public int Rows => Count + (KeepsBytes || Rollup is not null ? 1 : 0);

    /// <summary>A number of the message.</summary>
    public PayloadValue this[int index] => Many is { } many ? many[index] : One;

    /// <summary>Reads a payload. No payload makes this throw.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="time">The message's time: that of the values, unless the payload has times of its own.</param>
    /// <param name="arrival">When the message arrived, before which no time may be too far ahead.</param>
    public static PayloadValues Read(ReadOnlyMemory<byte> payload, long time, long arrival)
    {
        var last = arrival + (long)PayloadLimits.MaxAhead.TotalMilliseconds;
        if (time > last)
        {
            return Dead($"The message's time is {AheadOf(time, arrival)}: set the clock of its edge, or of its sensor.");
        }

        var values = RollupReport.IsReport(payload.Span) ? ReadRollup(payload, last) : Read(payload, time);
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i].Time > last)
            {
                return Dead($"A value's time is {AheadOf(values[i].Time, arrival)}: set the clock of the sensor.");
            }
        }

        return values;
    }

    /// <summary>What a message becomes for that reason.</summary>
    public static PayloadValues Dead(string problem) => new(null, default, false, problem);

    private static PayloadValues Read(ReadOnlyMemory<byte> payload, long time)
    {
        var text = Trim(payload.Span);
        if (text.IsEmpty)
        {
            return Bytes;
        }

        try
        {
            return text[0] switch
            {
                (byte)'{' => Found(JsonFields.Read(text, time)),
                (byte)'[' => Found(SenMlJson.Read(text, time)),
                >= 0x80 and <= 0x9F => Found(SenMlCbor.Read(payload, time)), // an array of CBOR; no text begins so
                _ => ReadNumber(text, time),
            };
        }
        catch (PayloadException e)
        {
            return Dead(e.Message);
        }
#pragma warning disable CA1031 // an error that left this method would block the edge's lane for ever
        catch (Exception e)
#pragma warning restore CA1031
        {
            return Dead($"The message cannot be read: {e.Message}");
        }
    }

    private static PayloadValues ReadRollup(ReadOnlyMemory<byte> payload, long lastTime)
    {
        try
        {
            var rollup = RollupReport.Decode(payload);
            return rollup.LastTime <= lastTime
                ? new PayloadValues(null, default, false, null, rollup)
                : Dead("The rollup is more than a day ahead: set the clock of the hub that has forwarded it, or of its sensor.");
        }
        catch (EncodingException e)
        {
            return Dead(e.Message);
        }
#pragma warning disable CA1031 // an error that left this method would block the lane for ever
        catch (Exception e)
#pragma warning restore CA1031
        {
            return Dead($"The rollup cannot be read: {e.Message}");
        }
    }

    private static PayloadValues Bytes => new(null, default, true, null);

    private static string AheadOf(long time, long arrival) => string.Create(
        CultureInfo.InvariantCulture,
        $"{DateTimeOffset.FromUnixTimeMilliseconds(time):yyyy-MM-dd HH:mm:ss} UTC, more than {PayloadLimits.MaxAhead.TotalDays} day "
            + $"after its arrival at {DateTimeOffset.FromUnixTimeMilliseconds(arrival):yyyy-MM-dd HH:mm:ss} UTC");

    private static PayloadValues Found(PayloadContent? content) =>
        content is null || content.Values.Count == 0 ? Bytes
        : new PayloadValues(content.Values, default, content.HasMore, null);

    // Neither NaN nor an infinity is a number here: no sum would survive it.
    private static PayloadValues ReadNumber(ReadOnlySpan<byte> text, long time) =>
        text.Length <= PayloadLimits.MaxNumberBytes
        && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
        && double.IsFinite(value)
            ? new PayloadValues(null, new PayloadValue("", "", time, value), false, null)
            : Bytes;

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text.Trim(" \t\r\n"u8);
}
