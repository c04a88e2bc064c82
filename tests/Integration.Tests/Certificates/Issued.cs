using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Integration.Tests.Certificates;

/// <summary>The ways in which a test's certificate differs from a good one.</summary>
internal sealed record Wish
{
    public Func<AsymmetricAlgorithm> Key { get; init; } = () => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public bool IsSignedWithSha1 { get; init; }

    public string? Use { get; init; }

    public X509KeyUsageFlags? KeyUsage { get; init; }

    public bool IsAuthority { get; init; }

    public int? PathLength { get; init; }

    public int DaysFrom { get; init; } = -30;

    public int DaysTo { get; init; } = 60;
}

/// <summary>A certificate with its key, for one test.</summary>
internal sealed record Issued(X509Certificate2 Certificate, AsymmetricAlgorithm Key)
{
    public const string ServerUse = "1.3.6.1.5.5.7.3.1";
    public const string ClientUse = "1.3.6.1.5.5.7.3.2";

    private static readonly Wish Authority = new() { IsAuthority = true };

    public string Pem => Certificate.ExportCertificatePem() + "\n";

    public string KeyPem => Key.ExportPkcs8PrivateKeyPem() + "\n";

    public static Issued Root(string name, Wish? wish = null) => Make(name, issuer: null, wish ?? Authority);

    public Issued Intermediate(string name, Wish? wish = null) => Make(name, this, wish ?? Authority);

    public Issued Server(Wish? wish = null) => Make("localhost", this, (wish ?? new()) with { Use = wish?.Use ?? ServerUse });

    public Issued Client(string name, Wish? wish = null) => Make(name, this, (wish ?? new()) with { Use = wish?.Use ?? ClientUse });

    /// <summary>The same name and key, signed by another authority.</summary>
    public Issued SignedBy(Issued other) => this with { Certificate = Sign(Certificate.Subject[3..], other, Authority, Key) };

    public X509Certificate2 WithKey()
    {
        using var pair = Key is RSA rsa ? Certificate.CopyWithPrivateKey(rsa) : Certificate.CopyWithPrivateKey((ECDsa)Key);
        return X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null);
    }

    private static Issued Make(string name, Issued? issuer, Wish wish)
    {
        var key = wish.Key();
        return new Issued(Sign(name, issuer, wish, key), key);
    }

    private static X509Certificate2 Sign(string name, Issued? issuer, Wish wish, AsymmetricAlgorithm key)
    {
        var request = key is RSA rsa
            ? new CertificateRequest($"CN={name}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest($"CN={name}", (ECDsa)key, HashAlgorithmName.SHA256);
        Extend(request, wish);
        var now = TimeProvider.System.GetUtcNow();
        var signing = issuer?.Key ?? key;
        var generator = wish.IsSignedWithSha1 ? new EcdsaWithSha1((ECDsa)signing)
            : signing is RSA by ? X509SignatureGenerator.CreateForRSA(by, RSASignaturePadding.Pkcs1)
            : X509SignatureGenerator.CreateForECDsa((ECDsa)signing);
        return request.Create(
            issuer?.Certificate.SubjectName ?? request.SubjectName, generator,
            now.AddDays(wish.DaysFrom), now.AddDays(wish.DaysTo), RandomNumberGenerator.GetBytes(8));
    }

    // The framework's generators no longer sign with SHA-1.
    private sealed class EcdsaWithSha1(ECDsa key) : X509SignatureGenerator
    {
        private static readonly byte[] Identifier = Convert.FromHexString("300906072A8648CE3D0401"); // RFC 3279, section 2.2.3

        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => Identifier;

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) =>
            key.SignData(data, HashAlgorithmName.SHA1, DSASignatureFormat.Rfc3279DerSequence);

        protected override PublicKey BuildPublicKey() => new(key);
    }

    private static void Extend(CertificateRequest request, Wish wish)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(wish.IsAuthority, wish.PathLength is not null, wish.PathLength ?? 0, true));
        if (wish.Use is { } use)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        }

        if (wish.KeyUsage is { } usage)
        {
            request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, true));
        }
    }
}
