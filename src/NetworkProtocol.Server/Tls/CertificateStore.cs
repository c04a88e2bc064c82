using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using NetworkProtocol.Certificates;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Server.Tls;

/// <summary>A certificate in use: loaded at the start, exchanged whole when its files change, and never for one that does not work.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "Its semaphore has no wait handle.")]
public sealed class CertificateStore
{
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

    /// <summary>What it is for, as <c>server</c>; the label of <c>certificate_expires_timestamp_seconds</c>.</summary>
    public string Name { get; }

    /// <summary>The file that it comes from.</summary>
    public string Path => _tls.CertificatePath;

    /// <summary>The last attempt to load it; null before the first.</summary>
    public CertificateLoad? LastLoad => _lastLoad;

    /// <summary>The certificate with its chain, as TLS wants it; null before <see cref="LoadAsync"/>.</summary>
    public SslStreamCertificateContext? Context => _current?.Context;

    /// <summary>The leaf certificate in use, or null before <see cref="LoadAsync"/>.</summary>
    public X509Certificate2? Certificate => _current?.Pair.Leaf;

    /// <summary>When the first certificate of the chain expires; null before <see cref="LoadAsync"/>.</summary>
    public DateTimeOffset? Expires => _current?.Expires;

    /// <summary>
    /// What keeps clients away, or may do so: a chain that is incomplete or out of order, and certificates that have expired or are not
    /// valid yet. Empty if all is well.
    /// </summary>
    public IReadOnlyList<string> Warnings =>
        _current is { } current ? [.. current.ChainGaps, .. current.FindOutOfTime(_time.GetUtcNow()).Select(text => $"{text}.")] : [];

    /// <summary>Loads the files that the options name. A certificate that is out of its time is served, with a warning: there is no other.</summary>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="InvalidOperationException">They cannot be used, or do not work; the message says which and why.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (!await TryLoadAsync(isReload: false, onlyIfChanged: false, cancellationToken))
        {
            throw new InvalidOperationException(_lastLoad!.Problem);
        }
    }

    /// <summary>Loads the files again if they changed, or in any case; a pair that would not work leaves the old one in use.</summary>
    /// <param name="onlyIfChanged">Whether to leave files alone that are as they were when they were loaded.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>Whether the files were loaded.</returns>
    public Task<bool> ReloadAsync(bool onlyIfChanged, CancellationToken cancellationToken) => TryLoadAsync(isReload: true, onlyIfChanged, cancellationToken);

    /// <summary>
    /// What a new TLS handshake uses where no client is asked for a certificate: the same as the handshake in memory that this certificate was
    /// tried with, so that what was judged is what is served. Not before <see cref="LoadAsync"/>.
    /// </summary>
    /// <returns>Options of the caller's own, to which it may add protocols.</returns>
    public SslServerAuthenticationOptions CreateHandshakeOptions() => _current!.CreateHandshakeOptions();

    /// <summary>What a new TLS handshake uses. A client whose certificate is refused finds its handshake complete, see <see cref="ClientCertificateGate"/>.</summary>
    internal SslServerAuthenticationOptions CreateHandshakeOptions(Connection connection)
    {
        var current = _current!;
        var handshake = current.CreateHandshakeOptions();
        if (current.ClientAuthorities is { } authorities)
        {
            var check = new ClientCertificateCheck(authorities, _tls.ClientCertificates == ClientCertificates.Required, _time.GetUtcNow());
            handshake.ClientCertificateRequired = true;
            handshake.CertificateChainPolicy = check.CreatePolicy();
#pragma warning disable CA5359 // ClientCertificateGate ends those with a problem before anything else sees them.
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
        catch (Exception e) when (e is CertificateException or IOException or CryptographicException or UnauthorizedAccessException or NotSupportedException)
        {
            Refuse(Describe(e), isReload, isNew: !onlyIfChanged);
            return false;
        }
        finally
        {
            _loading.Release();
        }
    }

    // A pair that was refused is tried again and again: its time may come, and its file may be half written.
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

    // At a reload there is another one, which works; at a start there is none, and it may be this host's clock that is wrong.
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

    private IEnumerable<string> Files() =>
        _tls.ClientCertificates == ClientCertificates.None ? [_tls.CertificatePath, _tls.KeyPath] : [_tls.CertificatePath, _tls.KeyPath, _tls.ClientCaPath];

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
