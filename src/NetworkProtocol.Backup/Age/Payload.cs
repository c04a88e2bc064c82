using System.Buffers.Binary;
using System.Security.Cryptography;

namespace NetworkProtocol.Backup.Age;

/// <summary>
/// Seals and opens the chunks of an age file, of 64 KiB each. The nonce is the chunk's number and whether the chunk is the last.
/// </summary>
internal sealed class Payload : IDisposable
{
    /// <summary>The bytes of a chunk.</summary>
    public const int ChunkLength = 64 * 1024;

    /// <summary>The bytes that a sealed chunk has more.</summary>
    public const int TagLength = 16;

    /// <summary>The bytes of the nonce at the start of the payload, from which its key is derived.</summary>
    public const int NonceLength = 16;

    private readonly ChaCha20Poly1305 _cipher;
    private readonly byte[] _nonce = new byte[12];
    private ulong _chunks;

    /// <summary>Derives the key of a payload.</summary>
    public Payload(byte[] fileKey, byte[] nonce) =>
        _cipher = new ChaCha20Poly1305(HKDF.DeriveKey(HashAlgorithmName.SHA256, fileKey, 32, nonce, "payload"u8.ToArray()));

    /// <summary>Encrypts the next chunk.</summary>
    public void Seal(ReadOnlySpan<byte> chunk, Span<byte> target, bool isLast) =>
        _cipher.Encrypt(Next(isLast), chunk, target[..chunk.Length], target.Slice(chunk.Length, TagLength));

    /// <summary>Decrypts the next chunk.</summary>
    /// <exception cref="InvalidDataException">The chunk is damaged, or not the next one.</exception>
    public void Open(ReadOnlySpan<byte> chunk, Span<byte> target, bool isLast)
    {
        var number = _chunks;
        try
        {
            _cipher.Decrypt(Next(isLast), chunk[..^TagLength], chunk[^TagLength..], target[..(chunk.Length - TagLength)]);
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new InvalidDataException($"its content from byte {number * ChunkLength} on is not what was written, or was cut off");
        }
    }

    public void Dispose() => _cipher.Dispose();

    private byte[] Next(bool isLast)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_nonce.AsSpan(3), _chunks++); // 64 of the counter's 88 bits, which are enough for every file
        _nonce[11] = isLast ? (byte)1 : (byte)0;
        return _nonce;
    }
}
