using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Integration.Tests;

/// <summary>A temporary authority and the certificates that it signs, as PEM files in a folder of the test.</summary>
internal sealed class CertificateFiles : IDisposable
{
    private readonly X509Certificate2 _authority = MakeAuthority();

    public string Folder { get; } = Directory.CreateTempSubdirectory("npro").FullName;

    public string Certificate => Path.Combine(Folder, "server.crt");

    public string Key => Path.Combine(Folder, "server.key");

    public string Authority => Path.Combine(Folder, "ca.crt");

    public X509Certificate2 AuthorityCertificate => _authority;

    public static CertificateFiles Create()
    {
        var files = new CertificateFiles();
        File.WriteAllText(files.Authority, files._authority.ExportCertificatePem());
        files.WriteServer();
        return files;
    }

    /// <summary>Writes a new certificate and key, and returns the serial number.</summary>
    public string WriteServer(bool rsa = false, bool pkcs8 = false)
    {
        using AsymmetricAlgorithm key = rsa ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        using var certificate = Sign("CN=localhost", "1.3.6.1.5.5.7.3.1", key, names.Build());
        File.WriteAllText(Certificate, certificate.ExportCertificatePem() + "\n" + _authority.ExportCertificatePem());
        File.WriteAllText(
            Key,
            pkcs8 ? key.ExportPkcs8PrivateKeyPem()
            : key is RSA pkcs1 ? pkcs1.ExportRSAPrivateKeyPem()
            : ((ECDsa)key).ExportECPrivateKeyPem());
        return certificate.SerialNumber;
    }

    public X509Certificate2 Client(string subject, SubjectAlternativeNameBuilder? names = null, byte[]? raw = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Sign(
            subject, "1.3.6.1.5.5.7.3.2", key,
            names?.Build() ?? (raw is null ? null : new X509Extension("2.5.29.17", raw, critical: false)));
        using var pair = certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null);
    }

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        _authority.Dispose();
    }

    private static X509Certificate2 MakeAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddDays(30));
    }

    private X509Certificate2 Sign(string subject, string usage, AsymmetricAlgorithm key, X509Extension? names)
    {
        var request = key is RSA rsa
            ? new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(subject, (ECDsa)key, HashAlgorithmName.SHA256);
        if (names is not null)
        {
            request.CertificateExtensions.Add(names);
        }

        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        var now = TimeProvider.System.GetUtcNow();
        using var signer = ECDsa.Create();
        signer.ImportParameters(_authority.GetECDsaPrivateKey()!.ExportParameters(true));
        return request.Create(
            _authority.SubjectName, X509SignatureGenerator.CreateForECDsa(signer),
            now.AddMinutes(-5), now.AddDays(10), RandomNumberGenerator.GetBytes(8));
    }
}
