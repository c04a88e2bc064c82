using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace NetworkProtocol.Backup.Age;

/// <summary>A public key, written <c>age1…</c>.</summary>
internal sealed class X25519Recipient : IRecipient
{
    /// <summary>The type of its stanzas.</summary>
    internal const string Type = "X25519";

    private const string Prefix = "age";

    private static readonly byte[] Info = "age-encryption.org/v1/X25519"u8.ToArray();

    private readonly byte[] _key;

    /// <summary>Takes the bytes of a key.</summary>
    internal X25519Recipient(byte[] key) => _key = key;

    /// <summary>Reads a key; null if the text is not one.</summary>
    public static X25519Recipient? Parse(string text) =>
        Bech32.Decode(Prefix, text) is { Length: X25519.PointSize } key ? new X25519Recipient(key) : null;

    public Stanza Wrap(ReadOnlySpan<byte> fileKey)
    {
        var (secret, share) = (RandomNumberGenerator.GetBytes(X25519.ScalarSize), new byte[X25519.PointSize]);
        X25519.ScalarMultBase(secret, 0, share, 0);
        var key = WrappingKey(secret, _key, share, _key)
            ?? throw new InvalidDataException($"{this}: is not a key that a private key can have");
        return new Stanza(Type, [Base64Text.Encode(share)], KeyWrap.Wrap(key, fileKey));
    }

    /// <inheritdoc/>
    public override string ToString() => Bech32.Encode(Prefix, _key);

    /// <summary>The key that wraps the file key; null if the other key is one with which the shared secret is known to everybody.</summary>
    internal static byte[]? WrappingKey(byte[] secret, byte[] point, byte[] share, byte[] recipient)
    {
        var shared = new byte[X25519.PointSize];
        return X25519.CalculateAgreement(secret, 0, point, 0, shared, 0)
            ? HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, 32, [.. share, .. recipient], Info)
            : null;
    }
}
