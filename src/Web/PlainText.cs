namespace NetworkProtocol.Web;

/// <summary>Makes texts that may contain input of strangers safe for a log that people read in a terminal.</summary>
internal static class PlainText
{
    /// <summary>The text on one line: each control character is replaced.</summary>
    public static string Of(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : text;
}
