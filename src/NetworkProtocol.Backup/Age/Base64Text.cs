namespace NetworkProtocol.Backup.Age;

/// <summary>Base64 without padding, as in age's headers.</summary>
internal static class Base64Text
{
    /// <summary>Bytes as text.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    /// <summary>Text as bytes. Only the text that <see cref="Encode"/> gives is right.</summary>
    /// <exception cref="InvalidDataException">It is another text.</exception>
    public static byte[] Decode(string text)
    {
        try
        {
            var bytes = Convert.FromBase64String(text + new string('=', (4 - (text.Length % 4)) % 4));
            return Encode(bytes) == text ? bytes : throw new FormatException();
        }
        catch (FormatException)
        {
            throw new InvalidDataException("its header is not what age writes");
        }
    }
}
