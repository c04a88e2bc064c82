using System.Runtime.InteropServices;
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

    private readonly CertificateStores _stores;
    private readonly TimeProvider _time;
    private PosixSignalRegistration? _hangUp;

    internal CertificateReloader(CertificateStores stores, TimeProvider time) => (_stores, _time) = (stores, time);

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
                _ = _stores.ReloadAsync(CancellationToken.None);
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
            await _stores.ReloadChangedAsync(stoppingToken);
        }
    }
}
