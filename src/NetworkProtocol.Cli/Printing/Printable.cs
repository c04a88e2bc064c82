using System.Globalization;
using System.Text;

namespace NetworkProtocol.Cli.Printing;

/// <summary>
/// Makes text of the server harmless. The text of an error can hold bytes that a hostile client chose: a terminal would execute their
/// escape sequences, or show what follows from right to left.
/// </summary>
internal static class Printable
{
    /// <summary>A text on one line.</summary>
    public static string Of(string text) => Replace(text, rune => rune.Value is '\n' or '\r' or '\t' ? " " : "\uFFFD");

    /// <summary>A text that may have several lines: newlines and tabs stay, and harmful characters are escaped as in JSON.</summary>
    public static string Lines(string text) => Replace(
        text.Replace("\r\n", "\n", StringComparison.Ordinal), rune => rune.Value is '\n' or '\t' ? rune.ToString() : Escape(rune));

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
