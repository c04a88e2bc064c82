using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace NetworkProtocol.Server.Tls;

/// <summary>Reloads the certificate when its files change, through links too, and on SIGHUP.</summary>
internal sealed class CertificateReloader(CertificateStore store, TimeProvider time) : BackgroundService
{
    /// <summary>How often the files are looked at.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (store.Certificate is null)
        {
            return;
        }

        using var hangUp = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            store.Reload(onlyIfChanged: false);
        });
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            store.Reload(onlyIfChanged: true);
        }
    }
}
