using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting.Systemd;
using NetworkProtocol.Admin;
using NetworkProtocol.Server.Tls;
using NetworkProtocol.Web.Health;

namespace NetworkProtocol.Web.Systemd;

/// <summary>
/// Notifies systemd of the state of the service, for a unit of <c>Type=notify</c> (sd_notify(3)): ready when the checks of
/// <c>/in-service</c> are healthy, reloading, stopping, and with <c>WatchdogSec</c> keep-alive messages. Without systemd this class does
/// nothing.
/// </summary>
internal sealed class ServiceNotifier(
    ISystemdNotifier systemd,
    HealthCheckService health,
    CertificateStores certificates,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ServiceNotifier> logger) : BackgroundService
{
    /// <summary>The time between two checks whether the service is ready, during the start.</summary>
    private static readonly TimeSpan ReadyInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>By how much each of these checks extends the start timeout of the unit while the service is not ready.</summary>
    private const long ExtensionMicroseconds = 60_000_000;

    private bool _isReady;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!systemd.IsEnabled)
        {
            return;
        }

        certificates.Reloading += NotifyReloading;
        certificates.Reloaded += NotifyReloaded;
        lifetime.ApplicationStopping.Register(() => systemd.Notify(ServiceState.Stopping));
        await StartedAsync(stoppingToken);
        await Task.WhenAll(NotifyReadyAsync(stoppingToken), NotifyAliveAsync(stoppingToken));
    }

    private async Task StartedAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
    }

    private async Task NotifyReadyAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(ReadyInterval, time);
        var hasWaited = false;
        do
        {
            var report = await health.CheckHealthAsync(Probes.DecidesInService, stoppingToken);
            if (report.Status == HealthStatus.Healthy)
            {
                _isReady = true;
                if (hasWaited)
                {
                    systemd.Notify(new ServiceState("STATUS="));
                }

                systemd.Notify(ServiceState.Ready);
                return;
            }

            // The service runs and waits for its dependencies: the start has not failed, so it may take longer than TimeoutStartSec.
            hasWaited = true;
            var why = string.Join(", ", report.Entries.Select(entry => entry.Value.Description));
            systemd.Notify(new ServiceState(
                string.Create(CultureInfo.InvariantCulture, $"STATUS=Not ready: {why}\nEXTEND_TIMEOUT_USEC={ExtensionMicroseconds}")));
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    // Runs on the thread pool, as all work of the service does: when the thread pool is stuck, no message is sent and systemd restarts the
    // service.
    private async Task NotifyAliveAsync(CancellationToken stoppingToken)
    {
        if (WatchdogInterval() is not { } interval)
        {
            return;
        }

        SystemdLog.WatchdogStarted(logger, interval);
        using var timer = new PeriodicTimer(interval, time);
        do
        {
            systemd.Notify(new ServiceState("WATCHDOG=1"));
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void NotifyReloading()
    {
        if (_isReady)
        {
            var microseconds = (long)time.GetElapsedTime(0).TotalMicroseconds;
            systemd.Notify(new ServiceState(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds}")));
        }
    }

    private void NotifyReloaded()
    {
        if (_isReady)
        {
            systemd.Notify(ServiceState.Ready);
        }
    }

    /// <summary>Half of the unit's <c>WatchdogSec</c>, as sd_watchdog_enabled(3) recommends; null without a watchdog.</summary>
    private static TimeSpan? WatchdogInterval()
    {
        var isForUs = Environment.GetEnvironmentVariable("WATCHDOG_PID") is not { Length: > 0 } id
            || id == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return isForUs
            && long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), CultureInfo.InvariantCulture, out var microseconds)
            && microseconds > 1
            ? TimeSpan.FromMicroseconds(microseconds / 2)
            : null;
    }
}

/// <summary>What <see cref="ServiceNotifier"/> logs.</summary>
internal static partial class SystemdLog
{
    [LoggerMessage(150, LogLevel.Debug, "The service notifies systemd's watchdog every {Interval}", EventName = "WatchdogStarted")]
    public static partial void WatchdogStarted(ILogger logger, TimeSpan interval);
}
