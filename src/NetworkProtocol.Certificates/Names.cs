using System.Security.Cryptography.X509Certificates;

namespace NetworkProtocol.Certificates;

/// <summary>A certificate's name in a sentence. A stranger may have chosen it.</summary>
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
