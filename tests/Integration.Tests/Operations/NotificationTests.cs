using System.Text.RegularExpressions;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;
using NetworkProtocol.Server;
using NetworkProtocol.Web;
using NetworkProtocol.Web.Node;
using NetworkProtocol.Web.Systemd;

namespace Integration.Tests.Operations;

/// <summary>
/// The program's messages to systemd, and the descriptors and folders that systemd gives it, with the real program and a notify socket of
/// the test.
/// </summary>
public sealed partial class NotificationTests
{
    [Fact]
    public async Task Ready_comes_when_ready_says_so_then_reloading_and_stopping()
    {
        using var systemd = new NotifySocket();
        using var files = CertificateFiles.Create();
        await using var server = await ServerProcess.StartAsync(
            systemd.GiveTo, $"--NetworkProtocol:Server:Tls:CertificatePath={files.Certificate}",
            $"--NetworkProtocol:Server:Tls:KeyPath={files.Key}");
        Assert.Equal("READY=1", await systemd.NextAsync());
        using var http = new HttpClient { BaseAddress = server.Http };
        Assert.Equal("READY", await http.GetStringAsync("/ready"));

        await server.SignalAsync("HUP");
        Assert.Matches(Reloading(), await systemd.NextAsync());
        Assert.Equal("READY=1", await systemd.NextAsync());

        await server.SignalAsync("TERM");
        Assert.Equal("STOPPING=1", await systemd.NextAsync());
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Fact]
    public async Task Reloads_of_operators_and_signals_that_overlap_are_told_in_pairs()
    {
        using var systemd = new NotifySocket();
        using var files = CertificateFiles.Create();
        await using var server = await ServerProcess.StartAsync(
            systemd.GiveTo, $"--NetworkProtocol:Server:Tls:CertificatePath={files.Certificate}",
            $"--NetworkProtocol:Server:Tls:KeyPath={files.Key}");
        Assert.Equal("READY=1", await systemd.NextAsync());
        using var session = await AdminSession.SignInAsync(server);
        var reloads = ReloadAndStopAsync();
        List<string> messages = [];
        do
        {
            messages.Add(await systemd.NextAsync()); // meanwhile, because the program waits while the socket is full
        }
        while (messages[^1] != "STOPPING=1");
        await reloads;
        Assert.True(messages.Count > 20);
        Assert.All(messages[..^1].Chunk(2), pair =>
        {
            Assert.Matches(Reloading(), pair[0]);
            Assert.Equal("READY=1", pair.ElementAtOrDefault(1) ?? "READY=1"); // the stop may come before the end of the last reload
        });

        async Task ReloadAndStopAsync()
        {
            await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
            {
                using var answer = await session.SendAsync(HttpMethod.Post, "/api/v1/certificates/reload");
                Assert.True(answer.IsSuccessStatusCode);
                await server.SignalAsync("HUP");
            }));
            await server.SignalAsync("TERM");
        }
    }

    [Fact]
    public async Task A_server_that_is_full_is_in_service_and_up_and_takes_no_newcomers()
    {
        using var systemd = new NotifySocket();
        using var socket = new InheritedSocket();
        using var waiting = new System.Net.Sockets.TcpClient();
        await waiting.ConnectAsync(socket.EndPoint); // in the queue before the service starts
        await using var server = await ServerProcess.StartAsync(
            start =>
            {
                systemd.GiveTo(start);
                socket.GiveTo(start);
            },
            "--NetworkProtocol:Server:Tls:Mode=Disabled", "--NetworkProtocol:Server:MaxConnections=1",
            "--NetworkProtocol:Server:HandshakeTimeout=00:05:00");
        using var http = new HttpClient { BaseAddress = server.Http };
        await Eventually.Async(async () => await http.GetAsync("/ready") is { StatusCode: System.Net.HttpStatusCode.ServiceUnavailable });
        Assert.Equal("READY=1", await systemd.NextAsync());
        Assert.Equal("IN_SERVICE", await http.GetStringAsync("/in-service"));
        waiting.Close();
        await Eventually.Async(async () => await http.GetAsync("/ready") is { IsSuccessStatusCode: true });
    }

    [Fact]
    public async Task A_start_that_waits_for_what_it_needs_is_not_up_and_has_not_failed()
    {
        var isThere = false;
        var systemd = new RecordedNotifications();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration["NetworkProtocol:Server:Listen"] = "127.0.0.1:0";
        builder.Configuration["NetworkProtocol:Server:Tls:Mode"] = "Disabled";
        builder.Services.AddNetworkProtocolServer();
        builder.Services.AddHealthChecks()
            .AddCheck("store", () => isThere ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("Lost"), ["in-service"]);
        builder.Services.AddSingleton<ISystemdNotifier>(systemd).AddHostedService<ServiceNotifier>();
        await using var app = builder.Build();
        await app.StartAsync();
        Assert.Matches(@"^STATUS=Not ready: Lost\nEXTEND_TIMEOUT_USEC=\d+$", await systemd.Told.ReadAsync());
        isThere = true;
        string told;
        while ((told = await systemd.Told.ReadAsync()).StartsWith("STATUS=", StringComparison.Ordinal))
        {
        }

        Assert.Equal("READY=1", told);
    }

    [Fact]
    public async Task A_file_of_settings_that_does_not_parse_is_one_clear_line()
    {
        var folder = Directory.CreateTempSubdirectory("etc-");
        var file = Path.Combine(folder.FullName, "appsettings.json");
        await File.WriteAllTextAsync(file, """{ "NetworkProtocol": { "Server": } }""");
        var (exitCode, errors) = await RefusedAsync(folder.FullName, credentials: "");
        Assert.Equal(1, exitCode);
        Assert.Single(errors.TrimEnd().Split('\n'));
        Assert.Contains(file, errors, StringComparison.Ordinal);
        Assert.Contains("LineNumber: 0", errors, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_watchdog_is_told_again_and_again_until_the_end_of_a_drain()
    {
        using var systemd = new NotifySocket();
        await using var server = await ServerProcess.StartAsync(
            start =>
            {
                systemd.GiveTo(start);
                start.Environment["WATCHDOG_USEC"] = "200000";
            },
            "--NetworkProtocol:Server:Tls:Mode=Disabled", "--NetworkProtocol:Server:DrainDelay=00:00:01");
        Assert.Equal("WATCHDOG=1", await WatchdogAsync(systemd));
        Assert.Equal("WATCHDOG=1", await WatchdogAsync(systemd));
        await server.SignalAsync("TERM");
        while (await systemd.NextOfAllAsync() != "STOPPING=1")
        {
        }

        Assert.Equal("WATCHDOG=1", await systemd.NextOfAllAsync());
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Fact]
    public async Task A_reload_without_TLS_is_survived()
    {
        using var systemd = new NotifySocket();
        await using var server = await ServerProcess.StartAsync(systemd.GiveTo, "--NetworkProtocol:Server:Tls:Mode=Disabled");
        Assert.Equal("READY=1", await systemd.NextAsync());
        await server.SignalAsync("HUP");
        Assert.Matches(Reloading(), await systemd.NextAsync());
        await using var client = await ServedClient.ConnectAsync(server.Protocol);
    }

    [Fact]
    public async Task Folders_of_the_unit_hold_settings_and_secrets()
    {
        var folder = Directory.CreateTempSubdirectory("etc-");
        var credentials = folder.CreateSubdirectory("credentials");
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "appsettings.json"),
            """{ "NetworkProtocol": { "Server": { "MaxConnections": 7, "MaxPayloadBytes": 2048 } } }""");
        await File.WriteAllTextAsync(Path.Combine(credentials.FullName, "NetworkProtocol__Server__MaxPayloadBytes"), "4096\n");
        await using var server = await ServerProcess.StartAsync(
            start =>
            {
                start.Environment["CONFIGURATION_DIRECTORY"] = folder.FullName;
                start.Environment["CREDENTIALS_DIRECTORY"] = credentials.FullName;
                start.Environment["JOURNAL_STREAM"] = "8:1";
            },
            "--NetworkProtocol:Server:Tls:Mode=Disabled");
        using var http = new HttpClient { BaseAddress = server.Http };
        Assert.Contains("\nconnections_limit 7\n", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);
        await server.SignalAsync("TERM");
        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.Contains("\n<6>", server.Output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(Path.Combine(credentials.FullName, "NetworkProtocol__Server__MaxPayloadBytes"), "1");
        var (exitCode, errors) = await RefusedAsync(folder.FullName, credentials.FullName);
        Assert.Equal(1, exitCode);
        Assert.Contains("MaxPayloadBytes = 1", errors, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    private static async Task<(int ExitCode, string Errors)> RefusedAsync(string folder, string credentials)
    {
        var start = new System.Diagnostics.ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "NetworkProtocol.Web.dll"), "--check-config"])
        {
            WorkingDirectory = AppContext.BaseDirectory,
        };
        start.Environment["CONFIGURATION_DIRECTORY"] = folder;
        start.Environment["CREDENTIALS_DIRECTORY"] = credentials;
        var result = await Tool.RunAsync(start);
        return (result.ExitCode, result.Errors);
    }

    private static async Task<string> WatchdogAsync(NotifySocket systemd)
    {
        string told;
        while ((told = await systemd.NextOfAllAsync()) == "READY=1")
        {
        }

        return told;
    }

    private sealed class RecordedNotifications : ISystemdNotifier
    {
        private readonly Channel<string> _told = Channel.CreateUnbounded<string>();

        public bool IsEnabled => true;

        public ChannelReader<string> Told => _told.Reader;

        public void Notify(ServiceState state) => _told.Writer.TryWrite($"{state}");
    }

    [GeneratedRegex(@"^RELOADING=1\nMONOTONIC_USEC=\d+$")]
    private static partial Regex Reloading();
}
