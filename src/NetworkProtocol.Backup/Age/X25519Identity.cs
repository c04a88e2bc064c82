using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace NetworkProtocol.Backup.Age;

/// <summary>A private key, written <c>AGE-SECRET-KEY-1…</c>.</summary>
internal sealed class X25519Identity : IIdentity
{
    private const string Prefix = "age-secret-key-";

    private readonly byte[] _secret;
    private readonly byte[] _public = new byte[X25519.PointSize];

    private X25519Identity(byte[] secret)
    {
        _secret = secret;
        X25519.ScalarMultBase(secret, 0, _public, 0);
    }

    /// <summary>The public key.</summary>
    public X25519Recipient Recipient => new(_public);

    /// <summary>Makes a new key.</summary>
    public static X25519Identity Create() => new(RandomNumberGenerator.GetBytes(X25519.ScalarSize));

    /// <summary>Reads a key; null if the text is not one.</summary>
    public static X25519Identity? Parse(string text) =>
        Bech32.Decode(Prefix, text) is { Length: X25519.ScalarSize } secret ? new X25519Identity(secret) : null;

    /// <inheritdoc/>
    public byte[]? Unwrap(IReadOnlyList<Stanza> stanzas) =>
        stanzas.Where(stanza => stanza.Type == X25519Recipient.Type).Select(Unwrap).FirstOrDefault(key => key is not null);

    /// <summary>The private key as text. It must not be logged.</summary>
    public string Export() => Bech32.Encode(Prefix, _secret).ToUpperInvariant();

    private byte[]? Unwrap(Stanza stanza)
    {
        var share = stanza.Arguments.Count == 1 ? Base64Text.Decode(stanza.Arguments[0]) : [];
        return share.Length == X25519.PointSize && X25519Recipient.WrappingKey(_secret, share, share, _public) is { } key
            ? KeyWrap.Unwrap(key, stanza.Body)
            : throw new InvalidDataException("its header holds no public key where it should");
    }
}
