using System.Security.Cryptography;

namespace NetworkProtocol.Backup.Age;

/// <summary>The file key under another key: ChaCha20-Poly1305 with a nonce of zeros, as each such key is used once.</summary>
internal static class KeyWrap
{
    public const int FileKeyLength = 16;

    private const int TagLength = 16;
    private const int NonceLength = 12;

    public static byte[] Wrap(byte[] key, ReadOnlySpan<byte> fileKey)
    {
        var wrapped = new byte[FileKeyLength + TagLength];
        using var cipher = new ChaCha20Poly1305(key);
        cipher.Encrypt(new byte[NonceLength], fileKey, wrapped.AsSpan(..FileKeyLength), wrapped.AsSpan(FileKeyLength..));
        return wrapped;
    }

    /// <summary>Null if it was wrapped with another key.</summary>
    public static byte[]? Unwrap(byte[] key, byte[] wrapped)
    {
        if (wrapped.Length != FileKeyLength + TagLength)
        {
            throw new InvalidDataException("its header holds a key of a wrong length");
        }

        var fileKey = new byte[FileKeyLength];
        using var cipher = new ChaCha20Poly1305(key);
        try
        {
            cipher.Decrypt(new byte[NonceLength], wrapped.AsSpan(..FileKeyLength), wrapped.AsSpan(FileKeyLength..), fileKey);
            return fileKey;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
