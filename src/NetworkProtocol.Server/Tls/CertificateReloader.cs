using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace NetworkProtocol.Server.Tls;

/// <summary>
/// Reloads the certificates that are in use when their files change, through links too, and all of them on SIGHUP; a pair that does
/// not load leaves the one before in use.
/// </summary>
internal sealed class CertificateReloader : BackgroundService
{
    /// <summary>How often the files are looked at.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly CertificateStores _stores;
    private readonly TimeProvider _time;
    private PosixSignalRegistration? _hangUp;

    internal CertificateReloader(CertificateStores stores, TimeProvider time) => (_stores, _time) = (stores, time);

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
