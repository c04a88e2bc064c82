using System.Text.Json;

namespace NetworkProtocol.Hub.Values;

/// <summary>
/// Reads a JSON object: each field that is a finite number, or a boolean as 0 or 1, is a value. With any other field the object
/// has more in it than its values.
/// </summary>
internal static class JsonFields
{
    /// <returns>Null if the text is no JSON object.</returns>
    /// <exception cref="PayloadException">The object is beyond a limit.</exception>
    public static PayloadContent? Read(ReadOnlySpan<byte> text, long time)
    {
        var content = new PayloadContent();
        var fields = new Dictionary<string, double>(StringComparer.Ordinal); // the last of two fields with one name counts, as for browsers
        try
        {
            var reader = JsonText.Begin(text);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = JsonText.StringOf(ref reader);
                reader.Read();
                if (JsonText.NumberOf(ref reader) is { } number)
                {
                    fields[name] = number;
                }
                else
                {
                    content.HasMore = true;
                    JsonText.Skip(ref reader);
                }
            }

            reader.Read(); // throws if anything follows
        }
        catch (JsonException)
        {
            return null;
        }

        foreach (var (name, value) in fields)
        {
            content.Add(new PayloadValue(name, "", time, value));
        }

        return content;
    }
}
