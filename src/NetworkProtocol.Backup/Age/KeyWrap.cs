using System.Security.Cryptography;

namespace NetworkProtocol.Backup.Age;

/// <summary>Encrypts a file key with another key: ChaCha20-Poly1305 with a nonce of zeros, because each such key is used once.</summary>
internal static class KeyWrap
{
    /// <summary>The bytes of a file key.</summary>
    public const int FileKeyLength = 16;

    private const int TagLength = 16;
    private const int NonceLength = 12;

    /// <summary>Encrypts a file key.</summary>
    public static byte[] Wrap(byte[] key, ReadOnlySpan<byte> fileKey)
    {
        var wrapped = new byte[FileKeyLength + TagLength];
        using var cipher = new ChaCha20Poly1305(key);
        cipher.Encrypt(new byte[NonceLength], fileKey, wrapped.AsSpan(..FileKeyLength), wrapped.AsSpan(FileKeyLength..));
        return wrapped;
    }

    /// <summary>Decrypts a file key; null if it was encrypted with another key.</summary>
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
