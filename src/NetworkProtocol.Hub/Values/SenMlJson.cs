using System.Text.Json;

namespace NetworkProtocol.Hub.Values;

/// <summary>Reads SenML in JSON (RFC 8428, section 5).</summary>
internal static class SenMlJson
{
    /// <returns>Null if the text is no JSON array of objects, or none of its objects has a label of SenML.</returns>
    /// <exception cref="PayloadException">The pack has a broken record, a name that is not Unicode, or is beyond a limit.</exception>
    public static PayloadContent? Read(ReadOnlySpan<byte> text, long time)
    {
        var pack = new SenMlPack(time);
        try
        {
            return IsPack(text) ? ReadPack(text, pack) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // A broken record of SenML is worth a dead letter. An array of anything else is not broken, so the whole text is looked at first.
    private static bool IsPack(ReadOnlySpan<byte> text)
    {
        var reader = JsonText.Begin(text);
        reader.Read();
        var hasLabel = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                hasLabel |= JsonText.StringOf(ref reader) is "n" or "bn" or "v";
                reader.Read();
                JsonText.Skip(ref reader);
            }
        }

        reader.Read(); // throws if anything follows
        return hasLabel;
    }

    private static PayloadContent ReadPack(ReadOnlySpan<byte> text, SenMlPack pack)
    {
        var reader = JsonText.Begin(text);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var record = new SenMlRecord();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                ReadField(ref reader, ref record);
            }

            pack.Add(record);
        }

        return pack.Content;
    }

    private static void ReadField(ref Utf8JsonReader reader, ref SenMlRecord record)
    {
        var label = JsonText.StringOf(ref reader);
        reader.Read();
        switch (label)
        {
            case "bn":
                record.BaseName = Text(ref reader, label);
                break;
            case "bt":
                record.BaseTime = Number(ref reader, label);
                break;
            case "bu":
                record.BaseUnit = Text(ref reader, label);
                break;
            case "bv":
                record.BaseValue = Number(ref reader, label);
                break;
            case "n":
                record.Name = Text(ref reader, label);
                break;
            case "u":
                record.Unit = Text(ref reader, label);
                break;
            case "v":
                record.Value = Number(ref reader, label);
                break;
            case "t":
                record.Time = Number(ref reader, label);
                break;
            case "vb":
                record.Boolean = reader.TokenType is JsonTokenType.True or JsonTokenType.False
                    ? reader.TokenType == JsonTokenType.True
                    : throw SenMlLabels.Broken(label);
                break;
            default:
                SenMlLabels.CheckOptional(label);
                record.HasOther |= SenMlLabels.IsOther(label);
                JsonText.Skip(ref reader);
                break;
        }
    }

    private static string Text(ref Utf8JsonReader reader, string label) =>
        reader.TokenType == JsonTokenType.String ? JsonText.StringOf(ref reader) : throw SenMlLabels.Broken(label);

    private static double Number(ref Utf8JsonReader reader, string label) =>
        reader.TokenType == JsonTokenType.Number && JsonText.NumberOf(ref reader) is { } number ? number : throw SenMlLabels.Broken(label);
}
