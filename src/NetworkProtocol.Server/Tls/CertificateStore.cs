using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Server.Tls;

/// <summary>The certificate in use: loaded at the start, exchanged whole when its files change, and never for a bad one.</summary>
public sealed class CertificateStore(IOptions<ServerOptions> options, ServerMetrics metrics, ILogger<CertificateStore> logger)
{
    private readonly Lock _loading = new();
    private volatile Snapshot? _current;
    private byte[] _tried = [];

    /// <summary>The leaf certificate in use, or null before <see cref="Load"/>.</summary>
    public X509Certificate2? Certificate => _current?.Leaf;

    /// <summary>Loads the files that the options name.</summary>
    /// <exception cref="InvalidOperationException">They are missing, damaged or do not match; the message says which.</exception>
    public void Load()
    {
        try
        {
            _tried = Fingerprint();
            Use(Read());
        }
        catch (Exception e) when (IsLoadFailure(e))
        {
            throw new InvalidOperationException(Problem(e), e);
        }
    }

    /// <summary>Loads the files again if they changed, or in any case; a bad pair leaves the old one in use.</summary>
    /// <returns>Whether another certificate is in use now.</returns>
    public bool Reload(bool onlyIfChanged)
    {
        lock (_loading)
        {
            try
            {
                var fingerprint = Fingerprint();
                if (onlyIfChanged && fingerprint.AsSpan().SequenceEqual(_tried))
                {
                    return false;
                }

                _tried = fingerprint;
                Use(Read());
                return true;
            }
            catch (Exception e) when (IsLoadFailure(e))
            {
                Log.CertificateRefused(logger, Problem(e));
                return false;
            }
        }
    }

    /// <summary>What a new TLS handshake uses.</summary>
    internal SslServerAuthenticationOptions CreateHandshakeOptions()
    {
        var current = _current!;
        var asks = options.Value.Tls.ClientCertificates;
        var handshake = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = current.Context,
            EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13,
            ClientCertificateRequired = asks != ClientCertificates.None,
            ApplicationProtocols = [], // none of ours: whatever a client offers is accepted
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        };
        if (asks != ClientCertificates.None)
        {
            handshake.CertificateChainPolicy = ClientPolicy(current.ClientAuthorities);
            handshake.RemoteCertificateValidationCallback = (_, certificate, _, errors) => errors == SslPolicyErrors.None
                || (certificate is null && asks == ClientCertificates.Optional);
        }

        return handshake;
    }

    private static X509ChainPolicy ClientPolicy(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(authorities);
        policy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2")); // client authentication
        return policy;
    }

    private static bool IsLoadFailure(Exception e) =>
        e is IOException or CryptographicException or UnauthorizedAccessException or ArgumentException or InvalidOperationException;

    private string Problem(Exception e) =>
        $"{ServerOptionsValidator.Section}:Tls:CertificatePath = {options.Value.Tls.CertificatePath}, KeyPath = {options.Value.Tls.KeyPath}: {e.Message}";

    private byte[] Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var tls = options.Value.Tls;
        foreach (var path in new[] { tls.CertificatePath, tls.KeyPath, tls.ClientCaPath }.Where(path => path.Length > 0))
        {
            hash.AppendData(File.ReadAllBytes(path));
        }

        return hash.GetHashAndReset();
    }

    private Snapshot Read()
    {
        var tls = options.Value.Tls;
        using var pem = X509Certificate2.CreateFromPem(File.ReadAllText(tls.CertificatePath), File.ReadAllText(tls.KeyPath));
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(tls.CertificatePath);
        var leaf = pem.CopyWithPrivateKeyStored();
        var rest = new X509Certificate2Collection(chain.Skip(1).ToArray());
        var authorities = new X509Certificate2Collection();
        if (tls.ClientCertificates != ClientCertificates.None)
        {
            authorities.ImportFromPemFile(tls.ClientCaPath);
        }

        return new Snapshot(leaf, SslStreamCertificateContext.Create(leaf, rest, offline: true), authorities);
    }

    private void Use(Snapshot snapshot)
    {
        _current = snapshot;
        var expires = new DateTimeOffset(snapshot.Leaf.NotAfter);
        metrics.CertificateExpires(expires);
        Log.CertificateLoaded(logger, snapshot.Leaf.Subject, snapshot.Leaf.SerialNumber, expires);
    }

    private sealed record Snapshot(
        X509Certificate2 Leaf, SslStreamCertificateContext Context, X509Certificate2Collection ClientAuthorities);
}

internal static class CertificateExtensions
{
    // Windows cannot use a key that lives in memory only.
    public static X509Certificate2 CopyWithPrivateKeyStored(this X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
}
