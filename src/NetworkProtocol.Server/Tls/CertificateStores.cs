using Microsoft.Extensions.DependencyInjection;

namespace NetworkProtocol.Server.Tls;

/// <summary>All certificates of the program, and the one way in which they are loaded again: by an operator, by SIGHUP and by the timer.</summary>
public sealed class CertificateStores : IDisposable
{
    private readonly CertificateStore[] _all;
    private readonly SemaphoreSlim _turn = new(1);

    internal CertificateStores(IServiceProvider services) =>
        _all = [.. services.GetKeyedServices<CertificateStore>(KeyedService.AnyKey).OrderBy(store => store.Name == CertificateStore.ServerName ? 0 : 1)];

    /// <summary>A reload that somebody asked for begins.</summary>
    public event Action? Reloading;

    /// <summary>That reload has ended; <see cref="CertificateStore.LastLoad"/> says how.</summary>
    public event Action? Reloaded;

    /// <summary>Those that are loaded: a port without TLS has none. The protocol's comes first.</summary>
    public IReadOnlyList<CertificateStore> InUse => [.. _all.Where(store => store.Certificate is not null)];

    /// <summary>Loads the files of all again. A pair that does not work leaves the one before in use.</summary>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>Those that were tried.</returns>
    public async Task<IReadOnlyList<CertificateStore>> ReloadAsync(CancellationToken cancellationToken)
    {
        Reloading?.Invoke();
        try
        {
            return await ReloadAsync(onlyIfChanged: false, cancellationToken);
        }
        finally
        {
            Reloaded?.Invoke();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    /// <summary>Loads the files that have changed. No event is raised: nobody has asked, and files that do not work are tried again and again.</summary>
    internal Task ReloadChangedAsync(CancellationToken cancellationToken) => ReloadAsync(onlyIfChanged: true, cancellationToken);

    // One at a time: what an operator is told of a load is what that load found.
    private async Task<IReadOnlyList<CertificateStore>> ReloadAsync(bool onlyIfChanged, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var stores = InUse;
            foreach (var store in stores)
            {
                await store.ReloadAsync(onlyIfChanged, cancellationToken);
            }

            return stores;
        }
        finally
        {
            _turn.Release();
        }
    }
}
