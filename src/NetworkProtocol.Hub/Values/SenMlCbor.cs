using System.Formats.Cbor;

namespace NetworkProtocol.Hub.Values;

/// <summary>Reads SenML in CBOR (RFC 8428, section 6).</summary>
internal static class SenMlCbor
{
    private const int BaseName = -2;
    private const int BaseTime = -3;
    private const int BaseUnit = -4;
    private const int BaseValue = -5;
    private const int BaseSum = -6;
    private const int Name = 0;
    private const int Unit = 1;
    private const int Value = 2;
    private const int StringValue = 3;
    private const int BooleanValue = 4;
    private const int Sum = 5;
    private const int Time = 6;
    private const int DataValue = 8;

    /// <returns>Null if the bytes are no CBOR array of maps, or none of its maps has a label of SenML.</returns>
    /// <exception cref="PayloadException">The pack has a broken record, or is beyond a limit.</exception>
    public static PayloadContent? Read(ReadOnlyMemory<byte> bytes, long time)
    {
        try
        {
            return IsPack(bytes) ? ReadPack(bytes, new SenMlPack(time)) : null;
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException or FormatException)
        {
            return null;
        }
    }

    private static bool IsPack(ReadOnlyMemory<byte> bytes)
    {
        var reader = new CborReader(bytes, CborConformanceMode.Lax);
        reader.ReadStartArray();
        var hasLabel = false;
        while (reader.PeekState() != CborReaderState.EndArray)
        {
            reader.ReadStartMap();
            while (reader.PeekState() != CborReaderState.EndMap)
            {
                hasLabel |= ReadLabel(reader, out _) is Name or BaseName or Value;
                reader.SkipValue();
            }

            reader.ReadEndMap();
        }

        reader.ReadEndArray();
        return hasLabel && reader.BytesRemaining == 0;
    }

    private static PayloadContent ReadPack(ReadOnlyMemory<byte> bytes, SenMlPack pack)
    {
        var reader = new CborReader(bytes, CborConformanceMode.Lax);
        reader.ReadStartArray();
        while (reader.PeekState() != CborReaderState.EndArray)
        {
            var record = new SenMlRecord();
            reader.ReadStartMap();
            while (reader.PeekState() != CborReaderState.EndMap)
            {
                ReadField(reader, ref record);
            }

            reader.ReadEndMap();
            pack.Add(record);
        }

        return pack.Content;
    }

    /// <returns>Null for a label that is no small integer.</returns>
    private static int? ReadLabel(CborReader reader, out string text)
    {
        text = "";
        switch (reader.PeekState())
        {
            case CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger:
                return reader.ReadInt64() is var label and >= int.MinValue and <= int.MaxValue ? (int)label : null;
            case CborReaderState.TextString:
                text = reader.ReadTextString();
                return null;
            default:
                reader.SkipValue();
                return null;
        }
    }

    private static void ReadField(CborReader reader, ref SenMlRecord record)
    {
        switch (ReadLabel(reader, out var text))
        {
            case BaseName:
                record.BaseName = Text(reader, "bn");
                break;
            case BaseTime:
                record.BaseTime = Number(reader, "bt");
                break;
            case BaseUnit:
                record.BaseUnit = Text(reader, "bu");
                break;
            case BaseValue:
                record.BaseValue = Number(reader, "bv");
                break;
            case Name:
                record.Name = Text(reader, "n");
                break;
            case Unit:
                record.Unit = Text(reader, "u");
                break;
            case Value:
                record.Value = Number(reader, "v");
                break;
            case Time:
                record.Time = Number(reader, "t");
                break;
            case BooleanValue:
                record.Boolean = reader.PeekState() == CborReaderState.Boolean ? reader.ReadBoolean() : throw SenMlLabels.Broken("vb");
                break;
            case StringValue or DataValue or Sum or BaseSum:
                record.HasOther = true;
                reader.SkipValue();
                break;
            default:
                SenMlLabels.CheckOptional(text);
                reader.SkipValue();
                break;
        }
    }

    private static string Text(CborReader reader, string label) =>
        reader.PeekState() == CborReaderState.TextString ? reader.ReadTextString() : throw SenMlLabels.Broken(label);

    // A decimal fraction (tag 4) is what RFC 8428 recommends for times.
    private static double Number(CborReader reader, string label)
    {
        var number = reader.PeekState() switch
        {
            CborReaderState.UnsignedInteger => reader.ReadUInt64(),
            CborReaderState.NegativeInteger => reader.ReadInt64(),
            CborReaderState.HalfPrecisionFloat => (double)reader.ReadHalf(),
            CborReaderState.SinglePrecisionFloat => reader.ReadSingle(),
            CborReaderState.DoublePrecisionFloat => reader.ReadDouble(),
            CborReaderState.Tag when reader.PeekTag() == CborTag.DecimalFraction => (double)reader.ReadDecimal(),
            _ => throw SenMlLabels.Broken(label),
        };
        return double.IsFinite(number) ? number : throw SenMlLabels.Broken(label);
    }
}
