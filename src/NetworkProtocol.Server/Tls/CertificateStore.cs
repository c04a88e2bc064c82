using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Server.Tls;

/// <summary>A certificate in use: loaded at the start, exchanged whole when its files change, and never for a bad one.</summary>
public sealed class CertificateStore
{
    private readonly string _section;
    private readonly TlsOptions _tls;
    private readonly ServerMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<CertificateStore> _logger;
    private readonly Lock _loading = new();
    private volatile Snapshot? _current;
    private volatile CertificateLoad? _lastLoad;
    private byte[] _tried = [];

    internal CertificateStore(
        string name, string section, TlsOptions tls, ServerMetrics metrics, TimeProvider time, ILogger<CertificateStore> logger)
    {
        Name = name;
        _section = section;
        _tls = tls;
        _metrics = metrics;
        _time = time;
        _logger = logger;
    }

    /// <summary>What it is for, as <c>server</c>; the label of <c>certificate_expires_timestamp_seconds</c>.</summary>
    public string Name { get; }

    /// <summary>The file that it comes from.</summary>
    public string Path => _tls.CertificatePath;

    /// <summary>The last attempt to load it; null before the first.</summary>
    public CertificateLoad? LastLoad => _lastLoad;

    /// <summary>The certificate with its chain, as TLS wants it; null before <see cref="Load"/>.</summary>
    public SslStreamCertificateContext? Context => _current?.Context;

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
            throw new InvalidOperationException(Failed(e), e);
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
                Log.CertificateRefused(_logger, Failed(e));
                return false;
            }
        }
    }

    /// <summary>What a new TLS handshake uses.</summary>
    internal SslServerAuthenticationOptions CreateHandshakeOptions()
    {
        var current = _current!;
        var asks = _tls.ClientCertificates;
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

    private string Failed(Exception e)
    {
        var problem = $"{_section}:Tls:CertificatePath = {_tls.CertificatePath}, KeyPath = {_tls.KeyPath}: {e.Message}";
        _lastLoad = new CertificateLoad(_time.GetUtcNow(), problem);
        _metrics.CertificateRefused(Name);
        return problem;
    }

    private byte[] Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in new[] { _tls.CertificatePath, _tls.KeyPath, _tls.ClientCaPath }.Where(path => path.Length > 0))
        {
            hash.AppendData(File.ReadAllBytes(path));
        }

        return hash.GetHashAndReset();
    }

    private Snapshot Read()
    {
        using var pem = X509Certificate2.CreateFromPem(File.ReadAllText(_tls.CertificatePath), File.ReadAllText(_tls.KeyPath));
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(_tls.CertificatePath);
        var leaf = pem.CopyWithPrivateKeyStored();
        var rest = new X509Certificate2Collection(chain.Skip(1).ToArray());
        var authorities = new X509Certificate2Collection();
        if (_tls.ClientCertificates != ClientCertificates.None)
        {
            authorities.ImportFromPemFile(_tls.ClientCaPath);
        }

        return new Snapshot(leaf, SslStreamCertificateContext.Create(leaf, rest, offline: true), authorities);
    }

    private void Use(Snapshot snapshot)
    {
        _current = snapshot;
        _lastLoad = new CertificateLoad(_time.GetUtcNow(), Problem: null);
        var expires = new DateTimeOffset(snapshot.Leaf.NotAfter);
        _metrics.CertificateLoaded(Name, expires);
        Log.CertificateLoaded(_logger, snapshot.Leaf.Subject, snapshot.Leaf.SerialNumber, expires);
    }

    private sealed record Snapshot(
        X509Certificate2 Leaf, SslStreamCertificateContext Context, X509Certificate2Collection ClientAuthorities);
}

/// <summary>An attempt to load a certificate.</summary>
/// <param name="At">When.</param>
/// <param name="Problem">Why the one before stays in use; null if it went well.</param>
public sealed record CertificateLoad(DateTimeOffset At, string? Problem);

internal static class CertificateExtensions
{
    // Windows cannot use a key that lives in memory only.
    public static X509Certificate2 CopyWithPrivateKeyStored(this X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
}
