namespace NetworkProtocol.Web;

/// <summary>Texts that strangers have a part in, for a log that people read in a terminal.</summary>
internal static class PlainText
{
    /// <summary>The text on one line and without control characters.</summary>
    public static string Of(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : text;
}
