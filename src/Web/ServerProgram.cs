using NetworkProtocol.Server;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Systemd;
using NetworkProtocol.Web.Telemetry;
using NetworkProtocol.Web.Upstreams;
using Serilog;

namespace NetworkProtocol.Web;

/// <summary>The program from its arguments to its exit code.</summary>
internal static class ServerProgram
{
    /// <summary>Whether files of settings are watched. Nobody reads settings again, and a host's inotify instances are few.</summary>
    private const string ReloadVariable = "DOTNET_hostBuilder__reloadConfigOnChange";

    /// <returns>0 for a good end, also when a signal ends the start; 1 for what was reported.</returns>
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
            // What is wrong with a file of settings is said by the exception inside.
            return await ConfigurationCheck.ReportAsync([e is InvalidDataException ? $"{e.Message} {e.InnerException?.GetBaseException().Message}".TrimEnd() : e.Message]);
        }
        finally
        {
            await Log.CloseAndFlushAsync();
        }
    }

    /// <summary>Whether an error's message is enough for an operator: it comes from the settings or the machine, not from the program.</summary>
    public static bool IsReported(Exception e) => e is IOException or UnauthorizedAccessException or InvalidDataException or FormatException
        or InvalidOperationException or ArgumentException or System.Net.Sockets.SocketException;

    private static bool IsStopWhileStarting(Exception e, StopSignals signals) => signals.Asked.IsCancellationRequested
        && (e is AggregateException all ? all.InnerExceptions.All(inner => inner is OperationCanceledException) : e is OperationCanceledException);

    private static async Task<int> BuildAndRunAsync(WebApplicationBuilder builder, IReadOnlyList<string> warnings, bool checkOnly, StopSignals signals)
    {
        builder.Services.AddFeatures(builder.Configuration);
        var problems = ConfigurationCheck.Find(builder.Configuration, SettingsSection.Of(builder.Services));
        if (problems.Count == 0)
        {
            problems = [.. LogOptionsCheck.Find(builder.Configuration.Read<LogOptions>(LogOptions.Section))]; // the program begins with its log
        }

        if (problems.Count > 0)
        {
            return await ConfigurationCheck.ReportAsync(problems);
        }

        var output = new StandardOutput();
        builder.Services.AddSingleton(output);
        var logsToProviders = builder.AddTelemetry();
        builder.Host.UseSerilog((context, logging) => Logging.Configure(context, logging, output), writeToProviders: logsToProviders);
        builder.WebHost.UseKestrelForHttp();
        builder.Services.AddDescriptorShares(builder.Configuration);
        HttpStop.Bound(builder.Services);
        builder.WebHost.UseStaticWebAssets(); // so that a build that was not published has its pages' files outside Development, too
        await using var app = builder.Build();
        problems = await ConfigurationCheck.ValidateAsync(app.Services);
        if (problems.Count > 0)
        {
            return await ConfigurationCheck.ReportAsync(problems);
        }

        warnings = [.. warnings, .. ConfigurationCheck.Warn(app.Services)];
        return checkOnly ? await ConfigurationCheck.ReportGoodAsync(warnings) : await RunAsync(app, warnings, signals);
    }

    private static async Task<int> RunAsync(WebApplication app, IReadOnlyList<string> warnings, StopSignals signals)
    {
        var logger = app.Services.GetRequiredService<ILogger<StopSignals>>();
        foreach (var warning in warnings)
        {
            ProgramLog.DoubtfulSetting(logger, PlainText.Of(warning));
        }

        Descriptors.WarnIfLowered(app.Services, app.Configuration);
        ObeySignals(app, signals, logger);
        _ = TellWhenLostAsync(app.Services.GetRequiredService<StandardOutput>(), logger);
        app.NameNode();
        app.LoadAdmin();
        app.UseChallenges();
        app.MapAdmin();
        app.MapProbesAndMetrics();
        app.MapUpstreams();
        await StartAsync(app, signals.Asked);
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
            await app.StopAsync(CancellationToken.None); // else the services that have started report their end as a failure
            throw;
        }
    }

    private static async Task TellWhenLostAsync(StandardOutput output, Microsoft.Extensions.Logging.ILogger logger)
    {
        await output.Lost;
        ProgramLog.OutputLost(logger);
    }

    private static void ObeySignals(WebApplication app, StopSignals signals, Microsoft.Extensions.Logging.ILogger logger)
    {
        var connections = app.Services.GetRequiredService<ConnectionRegistry>();
        signals.Asked.Register(app.Lifetime.StopApplication);
        signals.AskedAgain += signal => ProgramLog.AskedAgain(logger, signal, connections.Count);
        signals.AskedToEndAtOnce += signal =>
        {
            ProgramLog.EndsAtOnce(logger, signal, connections.Count);
            Log.CloseAndFlush();
            Environment.Exit(0);
        };
    }
}
