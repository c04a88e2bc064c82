using System.Text.Json;

namespace NetworkProtocol.Hub.Values;

/// <summary>What the two readers of JSON share.</summary>
internal static class JsonText
{
    // The limit is checked in Skip, because the reader's own error would not be told from a text that is no JSON.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = PayloadLimits.MaxDepth + 2 };

    public static Utf8JsonReader Begin(ReadOnlySpan<byte> text) => new(text, Options);

    /// <summary>The number, or a boolean as 0 or 1; null for anything else, also for a number beyond the range of a double.</summary>
    public static double? NumberOf(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Number when reader.TryGetDouble(out var number) && double.IsFinite(number) => number,
        JsonTokenType.True => 1,
        JsonTokenType.False => 0,
        _ => null,
    };

    /// <exception cref="PayloadException">The text has half of a surrogate pair, or is not UTF-8.</exception>
    public static string StringOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            throw new PayloadException("The message has a text that is not Unicode.");
        }
    }

    /// <summary>Goes to the end of the value at which the reader is.</summary>
    /// <exception cref="PayloadException">The value is nested too deeply.</exception>
    public static void Skip(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return;
        }

        var depth = reader.CurrentDepth;
        do
        {
            if (reader.CurrentDepth > PayloadLimits.MaxDepth)
            {
                throw new PayloadException($"The message has JSON that is nested more than {PayloadLimits.MaxDepth} deep.");
            }

            reader.Read();
        }
        while (reader.CurrentDepth > depth);
    }
}
