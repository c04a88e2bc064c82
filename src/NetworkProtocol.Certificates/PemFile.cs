using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace NetworkProtocol.Certificates;

/// <summary>Reads PEM files (RFC 7468). The exception for a bad file describes the error in one sentence.</summary>
internal static partial class PemFile
{
    /// <summary>The largest size of a file in bytes. A bundle with all public authorities has 250 KiB.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private const string CertificateLabel = "CERTIFICATE";

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="CertificateException">The file is missing, a folder, not readable, empty, too large or not text.</exception>
    public static string ReadText(string path)
    {
        var bytes = ReadBytes(path);
        return bytes.Length == 0 ? throw new CertificateException(path, "must be a PEM file; it is empty")
            : bytes.Length > MaxBytes
                ? throw new CertificateException(path, $"must be a PEM file of at most {MaxBytes} bytes; it is larger")
            : bytes.AsSpan().ContainsAnyInRange((byte)0, (byte)8)
                ? throw new CertificateException(
                    path, "must be a PEM file, which is text; this file is binary (DER or PKCS #12): convert it with openssl")
            : Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Reads all certificates of a file, in the file's order.</summary>
    /// <exception cref="CertificateException">The file has no certificate, or one is damaged.</exception>
    public static X509Certificate2Collection ReadCertificates(string path)
    {
        var text = ReadText(path);
        var labels = Labels(text);
        var expected = labels.Count(label => label == CertificateLabel);
        if (expected == 0)
        {
            throw new CertificateException(path, $"must hold a certificate; it holds {Contents(labels)}");
        }

        var certificates = new X509Certificate2Collection();
        foreach (var block in Blocks(text, label => label == CertificateLabel))
        {
            certificates.Add(Decode(path, block, certificates.Count + 1));
        }

        return certificates.Count == expected ? certificates : throw new CertificateException(
            path,
            $"must hold whole certificates; {expected} begin in it, and {expected - certificates.Count} of them are cut short or damaged");
    }

    /// <summary>The label of each block in the text, including blocks that are cut short.</summary>
    public static IReadOnlyList<string> Labels(string text) => [.. Beginning().Matches(text).Select(match => match.Groups[1].Value)];

    /// <summary>The complete blocks in the text whose label satisfies a condition.</summary>
    public static IEnumerable<string> Blocks(string text, Func<string, bool> label)
    {
        while (PemEncoding.TryFind(text, out var found))
        {
            if (label(text[found.Label]))
            {
                yield return text[found.Location];
            }

            text = text[found.Location.End..];
        }
    }

    /// <summary>Describes what a file has in place of what it should have.</summary>
    public static string Contents(IReadOnlyList<string> labels) =>
        labels.Count == 0 ? "no PEM block (-----BEGIN ...-----)" : labels[0] switch
        {
            var label when label.EndsWith("PRIVATE KEY", StringComparison.Ordinal) =>
                "a private key: are the paths of certificate and key exchanged?",
            CertificateLabel => "a certificate: are the paths of certificate and key exchanged?",
            var label when label.EndsWith("CERTIFICATE REQUEST", StringComparison.Ordinal) =>
                "a certificate request, which an authority has to sign first",
            var label => $"a block with the label {label}",
        };

    private static byte[] ReadBytes(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw new CertificateException(path, "must be a PEM file; it is a folder");
            }

            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var buffer = new byte[MaxBytes + 1];
            return buffer[..file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)];
        }
        catch (UnauthorizedAccessException e)
        {
            var denial = ClosedFolderOf(path) is { } folder ? $"it may not enter the folder {folder}" : "the system denies it";
            throw new CertificateException(path, $"must be a file that the user {Environment.UserName} may read; {denial}", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CertificateException(path, "must be an existing PEM file; this file does not exist", e);
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            throw new CertificateException(path, $"must be a file that can be read: {e.Message.TrimEnd('.')}", e);
        }
    }

    /// <summary>
    /// Returns the folder on the path of a file that this process may not enter: the last folder that exists for it. Null if the file
    /// itself exists for it.
    /// </summary>
    private static string? ClosedFolderOf(string path)
    {
        if (Path.Exists(path))
        {
            return null;
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        while (folder is not null && !Path.Exists(folder))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder;
    }

    private static X509Certificate2 Decode(string path, string block, int number)
    {
        try
        {
            return X509Certificate2.CreateFromPem(block);
        }
        catch (CryptographicException e)
        {
            throw new CertificateException(path, $"must hold whole certificates; number {number} in it is damaged", e);
        }
    }

    [GeneratedRegex("^-----BEGIN ([^-\r\n]+)-----", RegexOptions.Multiline)]
    private static partial Regex Beginning();
}
