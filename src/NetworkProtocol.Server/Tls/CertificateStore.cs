using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using NetworkProtocol.Certificates;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Server.Tls;

/// <summary>
/// A certificate in use. It is loaded at the start and replaced as a whole when its files change, but never by a certificate that does not
/// work.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "The semaphore's wait handle is not used.")]
public sealed class CertificateStore
{
    /// <summary>The name of the protocol's own.</summary>
    internal const string ServerName = "server";

    private readonly string _section;
    private readonly TlsOptions _tls;
    private readonly ServerMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<CertificateStore> _logger;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile ServerCertificate? _current;
    private volatile CertificateLoad? _lastLoad;
    private byte[] _loaded = [];

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

    /// <summary>The purpose of the certificate, as <c>server</c>; the label of <c>certificate_expires_timestamp_seconds</c>.</summary>
    public string Name { get; }

    /// <summary>The file of the certificate.</summary>
    public string Path => _tls.CertificatePath;

    /// <summary>The last attempt to load the certificate; null before the first.</summary>
    public CertificateLoad? LastLoad => _lastLoad;

    /// <summary>The leaf certificate in use, or null before <see cref="LoadAsync"/>.</summary>
    public X509Certificate2? Certificate => _current?.Pair.Leaf;

    /// <summary>When the first certificate of the chain expires; null before <see cref="LoadAsync"/>.</summary>
    public DateTimeOffset? Expires => _current?.Expires;

    /// <summary>
    /// Why clients refuse the certificate, or may refuse it: a chain that is incomplete or out of order, and certificates that have expired
    /// or are not valid yet. Empty if there is no problem.
    /// </summary>
    public IReadOnlyList<string> Warnings =>
        _current is { } current ? [.. current.ChainGaps, .. current.FindOutOfTime(_time.GetUtcNow()).Select(text => $"{text}.")] : [];

    /// <summary>
    /// Loads the files that the options name. A certificate that has expired or is not valid yet is used, with a warning, because there is
    /// no other.
    /// </summary>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <exception cref="InvalidOperationException">A file cannot be used, or the pair does not work; the message says why.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (!await TryLoadAsync(isReload: false, onlyIfChanged: false, cancellationToken))
        {
            throw new InvalidOperationException(_lastLoad!.Problem);
        }
    }

    /// <summary>Loads the files again. A pair that does not work leaves the old pair in use.</summary>
    /// <param name="onlyIfChanged">Whether to load nothing if the files have not changed since they were loaded.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <returns>Whether the files were loaded.</returns>
    internal Task<bool> ReloadAsync(bool onlyIfChanged, CancellationToken cancellationToken) =>
        TryLoadAsync(isReload: true, onlyIfChanged, cancellationToken);

    /// <summary>
    /// The options of a new TLS handshake without a client certificate. The trial handshake in memory has used the same options, so that it
    /// has judged exactly what is served. Call this only after <see cref="LoadAsync"/>.
    /// </summary>
    /// <returns>New options, to which the caller may add protocols.</returns>
    internal SslServerAuthenticationOptions CreateHandshakeOptions() => _current!.CreateHandshakeOptions();

    /// <summary>
    /// The options of a new TLS handshake. The handshake completes also for a client whose certificate is refused, because
    /// <see cref="ClientCertificateGate"/> ends such a connection.
    /// </summary>
    internal SslServerAuthenticationOptions CreateHandshakeOptions(Connection connection)
    {
        var current = _current!;
        var handshake = current.CreateHandshakeOptions();
        if (current.ClientAuthorities is { } authorities)
        {
            var check = new ClientCertificateCheck(authorities, _tls.ClientCertificates == ClientCertificates.Required, _time.GetUtcNow());
            handshake.ClientCertificateRequired = true;
            handshake.CertificateChainPolicy = check.CreatePolicy();
#pragma warning disable CA5359 // ClientCertificateGate ends a connection with a problem before any other code sees it.
            handshake.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                connection.CertificateProblem = check.FindProblem(certificate, chain, errors);
                return true;
            };
#pragma warning restore CA5359
        }

        return handshake;
    }

    private async Task<bool> TryLoadAsync(bool isReload, bool onlyIfChanged, CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            var fingerprint = Fingerprint();
            if (onlyIfChanged && _lastLoad?.Problem is null && fingerprint.AsSpan().SequenceEqual(_loaded))
            {
                return false;
            }

            var found = ServerCertificate.Read(_tls);
            CheckTime(found, isReload);
            await TrialHandshake.RunAsync(_tls.CertificatePath, found, cancellationToken);
            Use(found);
            _loaded = fingerprint;
            return true;
        }
        catch (Exception e) when (e is CertificateException or IOException or CryptographicException or UnauthorizedAccessException
            or NotSupportedException)
        {
            Refuse(Describe(e), isReload, isNew: !onlyIfChanged);
            return false;
        }
        finally
        {
            _loading.Release();
        }
    }

    // A refused pair is tried again at each check: it may become valid, and its file may have been written only in part.
    private void Refuse(string problem, bool isReload, bool isNew)
    {
        _metrics.CertificateRefused(Name);
        if (isNew || _lastLoad?.Problem != problem)
        {
            _lastLoad = new CertificateLoad(_time.GetUtcNow(), problem);
            if (isReload)
            {
                Log.CertificateRefused(_logger, problem);
            }
        }
    }

    // At a reload the old certificate still works. At a start there is no other certificate, and the host's clock may be wrong.
    private void CheckTime(ServerCertificate found, bool isReload)
    {
        var now = _time.GetUtcNow();
        var early = found.Pair.All.FirstOrDefault(certificate => now < ChainFaults.Begin(certificate));
        if (isReload && ChainFaults.OutOfTime(early ?? found.Pair.Leaf, now) is { } problem)
        {
            throw new CertificateException(_tls.CertificatePath, $"must be valid now; {problem}");
        }
    }

    private string Describe(Exception e)
    {
        var path = (e as CertificateException)?.Path;
        var key = path == _tls.CertificatePath ? nameof(TlsOptions.CertificatePath)
            : path == _tls.KeyPath ? nameof(TlsOptions.KeyPath)
            : path is null ? nameof(TlsOptions.CertificatePath)
            : nameof(TlsOptions.ClientCaPath);
        return $"{_section}:Tls:{key} = {path ?? _tls.CertificatePath}: {e.Message}";
    }

    private byte[] Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in Files())
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(PemFile.ReadText(path)));
        }

        return hash.GetHashAndReset();
    }

    private IEnumerable<string> Files() => _tls.ClientCertificates == ClientCertificates.None
        ? [_tls.CertificatePath, _tls.KeyPath]
        : [_tls.CertificatePath, _tls.KeyPath, _tls.ClientCaPath];

    private void Use(ServerCertificate found)
    {
        _current = found;
        _lastLoad = new CertificateLoad(_time.GetUtcNow(), Problem: null);
        _metrics.CertificateLoaded(Name, found.Expires, isChainComplete: found.ChainGaps.Count == 0);
        Log.CertificateLoaded(_logger, found.Pair.Leaf.Subject, found.Pair.Leaf.SerialNumber, found.Expires);
        foreach (var warning in Warnings)
        {
            Log.CertificateDoubtful(_logger, Path, warning);
        }
    }
}
