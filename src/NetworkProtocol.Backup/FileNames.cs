using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace NetworkProtocol.Backup;

/// <summary>
/// Converts names of files between bytes and text. Linux allows each byte but NUL and '/' in a name. A byte that is not part of UTF-8
/// becomes a lone surrogate, U+DC00 plus the byte, as in Python's surrogateescape (PEP 383). So two different names are always two
/// different strings.
/// </summary>
internal static partial class FileNames
{
    private const int Surrogate = 0xDC00;
    private const int LongestShown = 300;

    /// <summary>The text of a name.</summary>
    public static string Decode(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder(name.Length);
        for (int length; name.Length > 0; name = name[length..])
        {
            var valid = Rune.DecodeFromUtf8(name, out var rune, out length) == OperationStatus.Done;
            if (valid)
            {
                text.Append(rune.ToString());
            }
            else
            {
                text.Append((char)(Surrogate + name[0]));
                length = 1;
            }
        }

        return text.ToString();
    }

    /// <summary>The bytes of a name.</summary>
    public static byte[] Encode(string text)
    {
        var name = new ArrayBufferWriter<byte>(text.Length + 1);
        for (int i = 0, length; i < text.Length; i += length)
        {
            if (Rune.TryGetRuneAt(text, i, out var rune))
            {
                name.Advance(rune.EncodeToUtf8(name.GetSpan(4)));
                length = rune.Utf16SequenceLength;
            }
            else
            {
                name.Write([(byte)text[i]]);
                length = 1;
            }
        }

        return name.WrittenSpan.ToArray();
    }

    /// <summary>Whether every byte of a name is part of UTF-8.</summary>
    public static bool IsUtf8(string text) => !LoneByte().IsMatch(text);

    /// <summary>
    /// A name for JSON, which has no bytes: a byte that is not UTF-8 becomes \x and two digits, and a backslash becomes two.
    /// </summary>
    public static string Escape(string text) => ShowBytes(text.Replace(@"\", @"\\", StringComparison.Ordinal));

    /// <summary>The name that <see cref="Escape"/> was given.</summary>
    public static string Unescape(string text) => Decode(Encode(Escaped().Replace(
        text, match => match.Value == @"\\" ? @"\" : ByteOf(match.ValueSpan[2..]).ToString())));

    /// <summary>A name for people: bytes that are not UTF-8 are shown as hexadecimal digits, and a long name is cut.</summary>
    public static string Show(string text) => ShowBytes(text.Length <= LongestShown ? text : $"{text[..LongestShown]}...");

    private static char ByteOf(ReadOnlySpan<char> digits) =>
        (char)(Surrogate + byte.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    private static string ShowBytes(string text) =>
        LoneByte().Replace(text, match => string.Create(CultureInfo.InvariantCulture, $@"\x{match.Value[0] - Surrogate:X2}"));

    [GeneratedRegex(@"(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]")]
    private static partial Regex LoneByte();

    [GeneratedRegex(@"\\(\\|x[0-9A-F]{2})")]
    private static partial Regex Escaped();
}
