using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting.Systemd;
using NetworkProtocol.Admin;
using NetworkProtocol.Server.Tls;

namespace NetworkProtocol.Web.Systemd;

/// <summary>
/// Tells systemd what the service does, as a unit of <c>Type=notify</c> wants it (sd_notify(3)): ready once <c>/in-service</c> says so,
/// reloading, stopping, and with <c>WatchdogSec</c> that it is alive. Elsewhere it does nothing.
/// </summary>
internal sealed class ServiceNotifier(
    ISystemdNotifier systemd,
    HealthCheckService health,
    CertificateStores certificates,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ServiceNotifier> logger) : BackgroundService
{
    /// <summary>How often a start that is not ready yet looks again.</summary>
    private static readonly TimeSpan ReadyInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>What a start that is not ready yet asks for, each time it looks.</summary>
    private const long PatienceMicroseconds = 60_000_000;

    private bool _isReady;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!systemd.IsEnabled)
        {
            return;
        }

        certificates.Reloading += TellReloading;
        certificates.Reloaded += TellReloaded;
        lifetime.ApplicationStopping.Register(() => systemd.Notify(ServiceState.Stopping));
        await StartedAsync(stoppingToken);
        await Task.WhenAll(TellReadyAsync(stoppingToken), TellAliveAsync(stoppingToken));
    }

    private async Task StartedAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
    }

    private async Task TellReadyAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(ReadyInterval, time);
        var hasWaited = false;
        do
        {
            var report = await health.CheckHealthAsync(HttpEndpoint.DecidesInService, stoppingToken);
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

            // It runs and waits for what it needs: its start has not failed, whatever TimeoutStartSec says.
            hasWaited = true;
            var why = string.Join(", ", report.Entries.Select(entry => entry.Value.Description));
            systemd.Notify(new ServiceState(string.Create(CultureInfo.InvariantCulture, $"STATUS=Not ready: {why}\nEXTEND_TIMEOUT_USEC={PatienceMicroseconds}")));
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    // On the thread pool, like all the work of the service: a service whose pool is stuck falls silent, and is started anew.
    private async Task TellAliveAsync(CancellationToken stoppingToken)
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

    private void TellReloading()
    {
        if (_isReady)
        {
            var microseconds = (long)time.GetElapsedTime(0).TotalMicroseconds;
            systemd.Notify(new ServiceState(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds}")));
        }
    }

    private void TellReloaded()
    {
        if (_isReady)
        {
            systemd.Notify(ServiceState.Ready);
        }
    }

    /// <summary>Half of the unit's <c>WatchdogSec</c>, as sd_watchdog_enabled(3) advises; null without one.</summary>
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

internal static partial class SystemdLog
{
    [LoggerMessage(EventId = 150, Level = LogLevel.Debug, Message = "systemd's watchdog is told every {Interval}", EventName = "WatchdogStarted")]
    public static partial void WatchdogStarted(ILogger logger, TimeSpan interval);
}
