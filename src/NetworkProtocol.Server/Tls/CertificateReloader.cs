using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace NetworkProtocol.Server.Tls;

/// <summary>
/// Reloads each certificate that is in use when its files change, also behind links, and all of them on SIGHUP. A pair that does not load
/// leaves the old pair in use.
/// </summary>
internal sealed class CertificateReloader : BackgroundService
{
    /// <summary>How often the files are checked.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly CertificateStore[] _stores;
    private readonly TimeProvider _time;
    private PosixSignalRegistration? _hangUp;

    internal CertificateReloader(IServiceProvider services, TimeProvider time)
    {
        _stores = [.. services.GetKeyedServices<CertificateStore>(KeyedService.AnyKey)];
        _time = time;
    }

    /// <summary>A SIGHUP has arrived, and nothing is reloaded yet.</summary>
    public event Action? Reloading;

    /// <summary>The reload after a SIGHUP has ended, with or without success.</summary>
    public event Action? Reloaded;

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // A SIGHUP without a handler ends the program. So the handler is registered here, before the program is ready, and not in
        // ExecuteAsync, which may begin later; and also without TLS.
        if (!OperatingSystem.IsWindows())
        {
            _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
            {
                signal.Cancel = true;
                _ = HangUpAsync();
            });
        }

        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _hangUp?.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await ReloadAllAsync(onlyIfChanged: true, stoppingToken);
        }
    }

    private async Task HangUpAsync()
    {
        Reloading?.Invoke();
        await ReloadAllAsync(onlyIfChanged: false, CancellationToken.None);
        Reloaded?.Invoke();
    }

    private async Task ReloadAllAsync(bool onlyIfChanged, CancellationToken cancellationToken)
    {
        foreach (var store in _stores.Where(store => store.Certificate is not null))
        {
            await store.ReloadAsync(onlyIfChanged, cancellationToken);
        }
    }
}
