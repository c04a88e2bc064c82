using System.Security.Cryptography.X509Certificates;

namespace NetworkProtocol.Certificates;

/// <summary>
/// The names in a certificate, for use in a sentence. They are cut to 200 characters and have no control characters, because a stranger
/// may have chosen them.
/// </summary>
internal static class Names
{
    private const int MaxLength = 200;

    public static string Of(X509Certificate2 certificate) => Shown(certificate.Subject);

    public static string IssuerOf(X509Certificate2 certificate) => Shown(certificate.Issuer);

    private static string Shown(string name)
    {
        var line = string.Concat(name.Take(MaxLength).Select(letter => char.IsControl(letter) ? '?' : letter));
        return line.Length == 0 ? "(without a subject)" : name.Length > MaxLength ? line + "..." : line;
    }
}
