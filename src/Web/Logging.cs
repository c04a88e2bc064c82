using System.Globalization;
using NetworkProtocol.Web.Systemd;
using NetworkProtocol.Settings;
using Serilog;
using Serilog.Configuration;
using Serilog.Debugging;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace NetworkProtocol.Web;

/// <summary>Console for people, files for machines, each behind a queue; levels under <c>Serilog:MinimumLevel</c>.</summary>
internal static class Logging
{
    private const string FileName = "file";

    /// <summary>What Kestrel and the host log when they do not start.</summary>
    private static readonly string[] StartFailures = ["Unable to start Kestrel.", "Hosting failed to start"];

    public static void Configure(HostBuilderContext context, LoggerConfiguration logging, StandardOutput output)
    {
        var options = context.Configuration.Read<LogOptions>(LogOptions.Section);
        LogFailures.Listen();
        AppDomain.CurrentDomain.UnhandledException += (_, _) => Log.CloseAndFlush(); // else what is queued is lost with the process
        logging
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.AspNetCore.DataProtection", LogEventLevel.Error) // keys lie in a folder that is ours alone
            .MinimumLevel.Override("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogEventLevel.Fatal) // KeyFiles names a damaged key
            .MinimumLevel.Override("Microsoft.Extensions.Diagnostics.HealthChecks", LogEventLevel.Fatal) // HealthHistory tells of changes
            .MinimumLevel.Override("Microsoft.AspNetCore.Antiforgery", LogEventLevel.Fatal) // strangers' forms must not fill the log
            .MinimumLevel.Override("Microsoft.AspNetCore.StaticAssets", LogEventLevel.Error) // nor their ranges that no file has
            .MinimumLevel.Override("Microsoft.AspNetCore.Authentication.OpenIdConnect", LogEventLevel.Fatal) // ProviderFailures tells of them
            .Filter.ByExcluding(IsToldByTheProgram)
            .Enrich.FromLogContext();
        SetLevels(context.Configuration, logging);
        logging.WriteTo.Sink(output.Open(LoggerSinkConfiguration.CreateSink(sinks => WriteToConsole(sinks, options.Format))));
        if (options.File.Length > 0)
        {
            logging.WriteTo.Sink(new LogQueue(
                FileName, LoggerSinkConfiguration.CreateSink(sinks => WriteToFiles(sinks, options)), TellFailure, TimeProvider.System));
        }
    }

    private static void WriteToConsole(LoggerSinkConfiguration sinks, LogFormat? format) => _ = format switch
    {
        LogFormat.Json => sinks.Console(new RenderedCompactJsonFormatter()),
        null when JournalFormatter.IsWanted => sinks.Console(new JournalFormatter()),
        _ => sinks.Console(
            outputTemplate: "{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}{NewLine}{Exception}", formatProvider: CultureInfo.InvariantCulture),
    };

    private static void WriteToFiles(LoggerSinkConfiguration sinks, LogOptions options) => sinks.File(
        new CompactJsonFormatter(),
        options.File,
        rollingInterval: RollingInterval.Day,
        fileSizeLimitBytes: options.MaxFileBytes,
        rollOnFileSizeLimit: true,
        retainedFileCountLimit: options.RetainedFiles,
        hooks: new LogFilePermissions((UnixFileMode)Convert.ToInt32(options.FileMode, 8)));

    // As Serilog itself does where there is no queue.
    private static void TellFailure(Exception e) => SelfLog.WriteLine("The log file was not written: {0}", e);

    // A port in use is one line of the program's own: ASP.NET Core would add two stack traces.
    private static bool IsToldByTheProgram(LogEvent logEvent) => StartFailures.Contains(logEvent.MessageTemplate.Text)
        && logEvent.Exception is { } e && (ServerProgram.IsReported(e) || e is OperationCanceledException);

    private static void SetLevels(IConfiguration configuration, LoggerConfiguration logging)
    {
        var options = configuration.Read<SerilogOptions>(SerilogOptions.Section);
        logging.MinimumLevel.Is(options.MinimumLevel.Default);
        foreach (var (source, level) in options.MinimumLevel.Override)
        {
            logging.MinimumLevel.Override(source, level);
        }
    }
}
