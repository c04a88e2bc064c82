namespace NetworkProtocol.Backup.Age;

/// <summary>Base64 without padding, as age's headers have it.</summary>
internal static class Base64Text
{
    public static string Encode(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

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
