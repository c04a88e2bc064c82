using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace NetworkProtocol.Client.Tls;

/// <summary>Pins: the SHA-256 of an accepted server's certificate or of its public key.</summary>
internal static class CertificatePin
{
    private const string Prefix = "sha256/";

    /// <summary>Reads a pin: 64 hexadecimal digits with or without colons, or Base64, after an optional <c>sha256/</c>.</summary>
    public static bool TryParse(string? text, out byte[] hash)
    {
        hash = new byte[SHA256.HashSizeInBytes];
        var digits = (text ?? "").Trim();
        if (digits.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            digits = digits[Prefix.Length..];
        }

        var hex = digits.Replace(":", "", StringComparison.Ordinal);
        return hex.Length == 2 * hash.Length
            ? Convert.FromHexString(hex, hash, out _, out _) == System.Buffers.OperationStatus.Done
            : Base64.IsValid(digits) && Convert.TryFromBase64String(digits, hash, out var written) && written == hash.Length;
    }

    /// <summary>Whether one of the pins is the SHA-256 of the certificate or of its public key.</summary>
    public static bool Matches(IEnumerable<string> pins, X509Certificate2 certificate)
    {
        var leaf = SHA256.HashData(certificate.RawDataMemory.Span);
        var key = SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());
        return pins.Any(pin => TryParse(pin, out var hash) && (hash.AsSpan().SequenceEqual(leaf) || hash.AsSpan().SequenceEqual(key)));
    }
}
