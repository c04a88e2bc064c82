using System.Buffers.Binary;
using System.Security.Cryptography;

namespace NetworkProtocol.Backup.Age;

/// <summary>What an age file's two streams share: chunks of 64 KiB, each sealed under its number and whether it is the last.</summary>
internal sealed class Payload : IDisposable
{
    public const int ChunkLength = 64 * 1024;
    public const int TagLength = 16;
    public const int NonceLength = 16;

    private readonly ChaCha20Poly1305 _cipher;
    private readonly byte[] _nonce = new byte[12];
    private ulong _chunks;

    public Payload(byte[] fileKey, byte[] nonce) =>
        _cipher = new ChaCha20Poly1305(HKDF.DeriveKey(HashAlgorithmName.SHA256, fileKey, 32, nonce, "payload"u8.ToArray()));

    public void Seal(ReadOnlySpan<byte> chunk, Span<byte> target, bool isLast) =>
        _cipher.Encrypt(Next(isLast), chunk, target[..chunk.Length], target.Slice(chunk.Length, TagLength));

    public void Open(ReadOnlySpan<byte> chunk, Span<byte> target, bool isLast)
    {
        var number = _chunks;
        try
        {
            _cipher.Decrypt(Next(isLast), chunk[..^TagLength], chunk[^TagLength..], target[..(chunk.Length - TagLength)]);
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new InvalidDataException($"what it holds from byte {number * ChunkLength} on is not what was written, or was cut off");
        }
    }

    public void Dispose() => _cipher.Dispose();

    private byte[] Next(bool isLast)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_nonce.AsSpan(3), _chunks++); // the 88 bits of the counter, of which no file needs more
        _nonce[11] = isLast ? (byte)1 : (byte)0;
        return _nonce;
    }
}
