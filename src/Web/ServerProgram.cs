using NetworkProtocol.Hub;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Edge;
using NetworkProtocol.Web.Systemd;
using NetworkProtocol.Web.Telemetry;
using NetworkProtocol.Web.Upstreams;
using Serilog;

namespace NetworkProtocol.Web;

/// <summary>The program from its arguments to its exit code.</summary>
internal static class ServerProgram
{
    /// <summary>
    /// Disables watching of the settings' files: the program does not read settings again, and a host has few inotify instances.
    /// </summary>
    private const string ReloadVariable = "DOTNET_hostBuilder__reloadConfigOnChange";

    /// <returns>0 for a normal end, also when a signal ends the start; 1 after a reported error.</returns>
    public static async Task<int> RunAsync(Arguments arguments, StopSignals signals)
    {
        SocketCompletions.RunInline();
        HomeFolder.Ensure();
        Environment.SetEnvironmentVariable(ReloadVariable, "false");
        try
        {
            var builder = WebApplication.CreateBuilder(arguments.Configuration);
            var warnings = builder.Configuration.AddSystemdFolders();
            return arguments.ProbePath is { } path
                ? await SelfProbe.RunAsync(builder.Configuration, path)
                : await BuildAndRunAsync(builder, warnings, arguments.ChecksConfiguration, signals);
        }
        catch (Exception e) when (IsStopWhileStarting(e, signals))
        {
            return 0;
        }
        catch (Exception e) when (IsReported(e))
        {
            // For a damaged file of settings the inner exception has the reason.
            var reason = e is InvalidDataException ? e.InnerException?.GetBaseException().Message : null;
            return await ConfigurationCheck.ReportAsync([$"{e.Message} {reason}".TrimEnd()]);
        }
        finally
        {
            await Log.CloseAndFlushAsync();
        }
    }

    /// <summary>
    /// Whether the error comes from the settings or the machine and not from the program, so that its message is enough for an operator.
    /// </summary>
    public static bool IsReported(Exception e) => e is IOException or UnauthorizedAccessException or InvalidDataException or FormatException
        or InvalidOperationException or ArgumentException or System.Net.Sockets.SocketException;

    private static bool IsStopWhileStarting(Exception e, StopSignals signals) => signals.StopRequested.IsCancellationRequested
        && (e is AggregateException all
            ? all.InnerExceptions.All(inner => inner is OperationCanceledException)
            : e is OperationCanceledException);

    private static async Task<int> BuildAndRunAsync(
        WebApplicationBuilder builder, IReadOnlyList<string> warnings, bool checkOnly, StopSignals signals)
    {
        builder.Services.AddFeatures(builder.Configuration);
        var problems = ConfigurationCheck.Find(builder.Configuration, SettingsSection.Of(builder.Services));
        if (problems.Count == 0)
        {
            problems = [.. LogOptionsCheck.Find(builder.Configuration.Read<LogOptions>(LogOptions.Section))]; // before the log begins
        }

        if (problems.Count > 0)
        {
            return await ConfigurationCheck.ReportAsync(problems);
        }

        var output = new StandardOutput();
        builder.Services.AddSingleton(output);
        var logsToProviders = !checkOnly && builder.AddTelemetry(); // a check sends nothing
        builder.Host.UseSerilog((context, logging) => Logging.Configure(context, logging, output), writeToProviders: logsToProviders);
        builder.WebHost.UseKestrelForHttp();
        builder.Services.AddDescriptorShares(builder.Configuration);
        BoundedStopServer.Decorate(builder.Services);
        builder.WebHost.UseStaticWebAssets(); // so that an unpublished build serves the console's files outside Development, too
        await using var app = builder.Build();
        problems = await ConfigurationCheck.ValidateAsync(app.Services);
        if (problems.Count > 0)
        {
            return await ConfigurationCheck.ReportAsync(problems);
        }

        warnings = [.. warnings, .. ConfigurationCheck.Warn(app.Services)];
        return checkOnly ? await ConfigurationCheck.ReportValidAsync(warnings) : await RunAsync(app, warnings, signals);
    }

    private static async Task<int> RunAsync(WebApplication app, IReadOnlyList<string> warnings, StopSignals signals)
    {
        var logger = app.Services.GetRequiredService<ILogger<StopSignals>>();
        foreach (var warning in warnings)
        {
            ProgramLog.DoubtfulSetting(logger, PlainText.Of(warning));
        }

        DescriptorExtensions.WarnIfLowered(app.Services, app.Configuration);
        ObeySignals(app, signals, logger);
        _ = WarnWhenLostAsync(app.Services.GetRequiredService<StandardOutput>(), logger);
        app.NameNode();
        app.LoadAdmin();
        app.UseChallenges();
        app.MapAdmin();
        app.MapProbesAndMetrics();
        app.MapUpstreams();
        app.MapEdgeNode();
        app.MapHub();
        app.MapNextHub();
        await StartAsync(app, signals.StopRequested);
        StartLines.Print(app.Services);
        await app.WaitForShutdownAsync();
        return 0;
    }

    private static async Task StartAsync(WebApplication app, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            await app.StopAsync(CancellationToken.None); // else the services that have started would report their end as a failure
            throw;
        }
    }

    private static async Task WarnWhenLostAsync(StandardOutput output, Microsoft.Extensions.Logging.ILogger logger)
    {
        await output.Lost;
        ProgramLog.OutputLost(logger);
    }

    private static void ObeySignals(WebApplication app, StopSignals signals, Microsoft.Extensions.Logging.ILogger logger)
    {
        var connections = app.Services.GetRequiredService<ConnectionRegistry>();
        signals.StopRequested.Register(app.Lifetime.StopApplication);
        signals.StopRepeated += signal => ProgramLog.StopRepeated(logger, signal, connections.Count);
        signals.ExitRequested += signal =>
        {
            ProgramLog.ExitsAtOnce(logger, signal, connections.Count);
            Log.CloseAndFlush();
            Environment.Exit(0);
        };
    }
}
