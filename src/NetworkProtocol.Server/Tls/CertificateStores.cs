using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Server.Tls;

/// <summary>
/// All certificates of the program, and the one way in which they are loaded again: by an operator, by SIGHUP and by the timer.
/// </summary>
public sealed class CertificateStores : IDisposable
{
    private readonly CertificateStore[] _all;
    private readonly SemaphoreSlim _turn = new(1); // reloads that overlap would mix up their events and results
    private readonly ILogger _logger;

    internal CertificateStores(IServiceProvider services, ILogger<CertificateStores> logger)
    {
        _logger = logger;
        _all = [.. services.GetKeyedServices<CertificateStore>(KeyedService.AnyKey)
            .OrderBy(store => store.Name == CertificateStore.ServerName ? 0 : 1)];
    }

    /// <summary>A reload that somebody asked for begins.</summary>
    public event Action? Reloading;

    /// <summary>That reload has ended; <see cref="CertificateStore.LastLoad"/> says how.</summary>
    public event Action? Reloaded;

    /// <summary>Those that are loaded: a port without TLS has none. The protocol's comes first.</summary>
    public IReadOnlyList<CertificateStore> InUse => [.. _all.Where(store => store.Certificate is not null)];

    /// <summary>Loads the files of all again. A pair that does not work leaves the one before in use.</summary>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>Those that were tried, and what this attempt found: not what a later one finds.</returns>
    public async Task<IReadOnlyList<(CertificateStore Store, CertificateLoad? Load)>> ReloadAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        Tell(Reloading);
        try
        {
            return await ReloadAllAsync(onlyIfChanged: false, cancellationToken);
        }
        finally
        {
            Tell(Reloaded);
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    /// <summary>
    /// Loads the files that have changed. No event is raised: nobody has asked, and files that do not work are tried again and again.
    /// </summary>
    internal async Task ReloadChangedAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await ReloadAllAsync(onlyIfChanged: true, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<IReadOnlyList<(CertificateStore Store, CertificateLoad? Load)>> ReloadAllAsync(
        bool onlyIfChanged, CancellationToken cancellationToken)
    {
        var tried = new List<(CertificateStore, CertificateLoad?)>();
        foreach (var store in InUse)
        {
            await store.ReloadAsync(onlyIfChanged, cancellationToken);
            tried.Add((store, store.LastLoad));
        }

        return tried;
    }

    private void Tell(Action? subscribers)
    {
        foreach (var subscriber in subscribers?.GetInvocationList().Cast<Action>() ?? [])
        {
            try
            {
                subscriber();
            }
#pragma warning disable CA1031 // A subscriber's fault, as a notice to systemd that cannot be sent, must not stop a reload.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.ReloadNotTold(_logger, e);
            }
        }
    }
}
