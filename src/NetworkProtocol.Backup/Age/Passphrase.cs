using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Generators;

namespace NetworkProtocol.Backup.Age;

/// <summary>A secret that a person remembers. scrypt makes guesses slow.</summary>
internal sealed class Passphrase(string text) : IRecipient, IIdentity
{
    /// <summary>The type of its stanza.</summary>
    internal const string Type = "scrypt";

    /// <summary>The factor that age uses: 256 MiB and about a second for each guess.</summary>
    private const int WorkFactor = 18;

    /// <summary>The most that is accepted, 1 GiB: a file of a stranger must not take all memory.</summary>
    private const int MaxWorkFactor = 20;

    private const int SaltLength = 16;

    public Stanza Wrap(ReadOnlySpan<byte> fileKey)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        return new Stanza(
            Type,
            [Base64Text.Encode(salt), WorkFactor.ToString(CultureInfo.InvariantCulture)],
            KeyWrap.Wrap(WrappingKey(salt, WorkFactor), fileKey));
    }

    public byte[]? Unwrap(IReadOnlyList<Stanza> stanzas)
    {
        if (stanzas.All(stanza => stanza.Type != Type))
        {
            return null;
        }

        // The only stanza, because with others beside it the sender need not have known the passphrase.
        if (stanzas is not [{ Arguments: [var saltText, var factorText] } stanza]
            || Base64Text.Decode(saltText) is not { Length: SaltLength } salt
            || !int.TryParse(factorText, NumberStyles.None, CultureInfo.InvariantCulture, out var factor) || factor < 1)
        {
            throw new InvalidDataException("its header is not what age writes for a passphrase");
        }

        return factor <= MaxWorkFactor
            ? KeyWrap.Unwrap(WrappingKey(salt, factor), stanza.Body)
            : throw new InvalidDataException($"its passphrase has a work factor of {factor}; {MaxWorkFactor} is the most that is tried");
    }

    private byte[] WrappingKey(byte[] salt, int factor) =>
        SCrypt.Generate(Encoding.UTF8.GetBytes(text), [.. "age-encryption.org/v1/scrypt"u8, .. salt], 1 << factor, 8, 1, 32);
}
