using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace NetworkProtocol.Server.Tls;

/// <summary>
/// Reloads the certificates that are in use when their files change, through links too, and all of them on SIGHUP; a pair that does
/// not load leaves the one before in use.
/// </summary>
public sealed class CertificateReloader : BackgroundService
{
    /// <summary>How often the files are looked at.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly CertificateStore[] _stores;
    private readonly TimeProvider _time;
    private PosixSignalRegistration? _hangUp;

    internal CertificateReloader(IServiceProvider services, TimeProvider time)
    {
        _stores = [.. services.GetKeyedServices<CertificateStore>(KeyedService.AnyKey)];
        _time = time;
    }

    /// <summary>A SIGHUP has come, and nothing is reloaded yet.</summary>
    public event Action? Reloading;

    /// <summary>All that a SIGHUP asks for has been tried.</summary>
    public event Action? Reloaded;

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Here and not where the work begins, which may be after the program is ready; and without TLS, too: a SIGHUP that nobody
        // handles ends the program.
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
