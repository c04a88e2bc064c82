using System.Buffers.Binary;
using System.Security.Cryptography;

namespace NetworkProtocol.Security;

/// <summary>
/// Seals and opens payloads with one session's key (wire protocol, sections 5 and 6). One thread
/// may seal while another one opens, but two threads may not seal at once, nor open at once.
/// </summary>
/// <remarks>
/// A nonce of this side is a random prefix of the channel and a counter. So the channel recognizes a reflected packet by its prefix,
/// however old the packet is. Of the peer's nonces it remembers at least the last 10,000.
/// </remarks>
public sealed class SecureChannel : IDisposable
{
    /// <summary>The size in bytes of a nonce, which precedes the ciphertext.</summary>
    public const int NonceSize = 24;

    /// <summary>The size in bytes of the authentication tag, which follows the ciphertext.</summary>
    public const int TagSize = 16;

    /// <summary>The number of bytes by which a sealed payload is longer than its message.</summary>
    public const int Overhead = NonceSize + TagSize;

    // From this size in bytes on, the framework's cipher is faster, although it needs a new object for each message.
    private const int LargePayload = 16 * 1024;
    private const int PrefixSize = 16;
    private const int InnerNonceSize = 12;

    private readonly byte[] _key;
    private readonly byte[] _prefix = RandomNumberGenerator.GetBytes(PrefixSize);
    private readonly NonceWindow _seen = new();
    private ulong _sent;

    /// <summary>Starts a session. The channel copies the key, and wipes the copy when it is disposed.</summary>
    /// <exception cref="ArgumentException">The key is not 32 bytes.</exception>
    public SecureChannel(ReadOnlySpan<byte> key)
    {
        if (key.Length != SessionKey.Size)
        {
            throw new ArgumentException($"A session key has {SessionKey.Size} bytes, not {key.Length}.", nameof(key));
        }

        _key = key.ToArray();
    }

    /// <summary>Seals a message: writes nonce, ciphertext and tag.</summary>
    /// <param name="message">
    /// The message. It may be in the memory of <paramref name="destination"/> from <see cref="NonceSize"/> on.
    /// </param>
    /// <param name="destination">Memory exactly as long as the message and <see cref="Overhead"/>.</param>
    public void Seal(ReadOnlySpan<byte> message, Span<byte> destination)
    {
        var nonce = destination[..NonceSize];
        _prefix.CopyTo(nonce);
        BinaryPrimitives.WriteUInt64LittleEndian(nonce[PrefixSize..], _sent++);
        Encrypt(_key, nonce, message, destination[NonceSize..]);
    }

    /// <summary>Opens a payload into <paramref name="destination"/>, which is <see cref="Overhead"/> bytes shorter.</summary>
    public OpenStatus Open(ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        if (payload.Length < Overhead)
        {
            return OpenStatus.NotAuthentic;
        }

        var nonce = payload[..NonceSize];
        if (!Decrypt(_key, nonce, payload[NonceSize..], destination))
        {
            return OpenStatus.NotAuthentic;
        }

        return nonce[..PrefixSize].SequenceEqual(_prefix) || !_seen.TryAdd(nonce)
            ? OpenStatus.Replayed
            : OpenStatus.Opened;
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_key);

    internal static unsafe void Encrypt(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> message, Span<byte> destination)
    {
        if (message.Length >= LargePayload && ChaCha20Poly1305.IsSupported)
        {
            Span<byte> inner = stackalloc byte[InnerNonceSize];
            using var cipher = InnerCipher(key, nonce, inner);
            cipher.Encrypt(inner, message, destination[..message.Length], destination[message.Length..]);
            return;
        }

        fixed (byte* k = key, n = nonce, m = message, d = destination)
        {
            _ = Sodium.Encrypt(d, null, m, (ulong)message.Length, null, 0, null, n, k);
        }
    }

    internal static unsafe bool Decrypt(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertextAndTag, Span<byte> destination)
    {
        var length = ciphertextAndTag.Length - TagSize;
        if (length < 0)
        {
            return false;
        }

        if (length >= LargePayload && ChaCha20Poly1305.IsSupported)
        {
            Span<byte> inner = stackalloc byte[InnerNonceSize];
            using var cipher = InnerCipher(key, nonce, inner);
            try
            {
                cipher.Decrypt(inner, ciphertextAndTag[..length], ciphertextAndTag[length..], destination[..length]);
                return true;
            }
            catch (AuthenticationTagMismatchException)
            {
                return false;
            }
        }

        fixed (byte* k = key, n = nonce, c = ciphertextAndTag, d = destination)
        {
            return Sodium.Decrypt(d, null, null, c, (ulong)ciphertextAndTag.Length, null, 0, n, k) == 0;
        }
    }

    // XChaCha20-Poly1305 is ChaCha20-Poly1305 under a key that HChaCha20 makes of the nonce's first 16 bytes
    // (draft-irtf-cfrg-xchacha-03, section 2.3).
    private static unsafe ChaCha20Poly1305 InnerCipher(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, Span<byte> innerNonce)
    {
        Span<byte> subkey = stackalloc byte[SessionKey.Size];
        fixed (byte* s = subkey, n = nonce, k = key)
        {
            _ = Sodium.HChaCha20(s, n, k, null);
        }

        innerNonce[..4].Clear();
        nonce[16..].CopyTo(innerNonce[4..]);
        var cipher = new ChaCha20Poly1305(subkey);
        CryptographicOperations.ZeroMemory(subkey);
        return cipher;
    }
}
