using System.Globalization;
using System.Text;

namespace NetworkProtocol.Cli.Admin;

/// <summary>
/// Text that came from the server, made harmless: an error's words may be bytes that a hostile client chose, and a terminal would obey its
/// escape sequences, or show what follows the other way round.
/// </summary>
internal static class Printable
{
    public static string Of(string text) => Replace(text, rune => rune.Value is '\n' or '\r' or '\t' ? " " : "\uFFFD");

    /// <summary>A text that may have several lines: ends of lines and tabs stay, and what is harmful is written as JSON escapes it.</summary>
    public static string Lines(string text) => Replace(text.Replace("\r\n", "\n", StringComparison.Ordinal), rune => rune.Value is '\n' or '\t' ? rune.ToString() : Escape(rune));

    /// <summary>The same for JSON, which has a way to write each character.</summary>
    public static string Json(string json) => Replace(json, Escape);

    private static string Escape(Rune rune) => string.Concat(rune.ToString().Select(unit => $"\\u{(int)unit:X4}"));

    private static string Replace(string text, Func<Rune, string> harmless)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            result.Append(IsHarmful(rune) ? harmless(rune) : rune.ToString());
        }

        return result.ToString();
    }

    private static bool IsHarmful(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
