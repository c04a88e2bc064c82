using System.Globalization;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Systemd;
using Serilog;
using Serilog.Configuration;
using Serilog.Debugging;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace NetworkProtocol.Web;

/// <summary>
/// Sets up the log: standard output and files, each behind a <see cref="LogQueue"/>, with the levels of <c>Serilog:MinimumLevel</c>.
/// </summary>
internal static class Logging
{
    private const string FileName = "file";

    /// <summary>The events of Kestrel and the host for a failed start.</summary>
    private static readonly string[] StartFailures = ["Unable to start Kestrel.", "Hosting failed to start"];

    public static void Configure(HostBuilderContext context, LoggerConfiguration logging, StandardOutput output)
    {
        var options = context.Configuration.Read<LogOptions>(LogOptions.Section);
        LogFailures.Listen();
        AppDomain.CurrentDomain.UnhandledException += (_, _) => Log.CloseAndFlush(); // else the queued events would be lost
        logging
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)

            // Its warning about unencrypted keys does not apply: only the program's user can read the data folder.
            .MinimumLevel.Override("Microsoft.AspNetCore.DataProtection", LogEventLevel.Error)

            // KeyFiles reports a damaged key.
            .MinimumLevel.Override("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogEventLevel.Fatal)

            // HealthHistory logs changes.
            .MinimumLevel.Override("Microsoft.Extensions.Diagnostics.HealthChecks", LogEventLevel.Fatal)

            // Invalid forms and invalid ranges, which strangers can send, must not fill the log.
            .MinimumLevel.Override("Microsoft.AspNetCore.Antiforgery", LogEventLevel.Fatal)
            .MinimumLevel.Override("Microsoft.AspNetCore.StaticAssets", LogEventLevel.Error)

            // ProviderFailures logs failed sign-ins.
            .MinimumLevel.Override("Microsoft.AspNetCore.Authentication.OpenIdConnect", LogEventLevel.Fatal)
            .Filter.ByExcluding(IsReportedByProgram)
            .Enrich.FromLogContext();
        SetLevels(context.Configuration, logging);
        logging.WriteTo.Sink(output.Open(LoggerSinkConfiguration.CreateSink(sinks => WriteToConsole(sinks, options.Format))));
        if (options.File.Length > 0)
        {
            logging.WriteTo.Sink(new LogQueue(
                FileName, LoggerSinkConfiguration.CreateSink(sinks => WriteToFiles(sinks, options)), ReportFailure, TimeProvider.System));
        }
    }

    private static void WriteToConsole(LoggerSinkConfiguration sinks, LogFormat? format) => _ = format switch
    {
        LogFormat.Json => sinks.Console(new RenderedCompactJsonFormatter()),
        null when JournalFormatter.IsWanted => sinks.Console(new JournalFormatter()),
        _ => sinks.Console(
            outputTemplate: "{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}{NewLine}{Exception}",
            formatProvider: CultureInfo.InvariantCulture),
    };

    private static void WriteToFiles(LoggerSinkConfiguration sinks, LogOptions options) => sinks.File(
        new CompactJsonFormatter(),
        options.File,
        rollingInterval: RollingInterval.Day,
        fileSizeLimitBytes: options.MaxFileBytes,
        rollOnFileSizeLimit: true,
        retainedFileCountLimit: options.RetainedFiles,
        hooks: new LogFilePermissions((UnixFileMode)Convert.ToInt32(options.FileMode, 8)));

    // Serilog reports a failed write in the same way when an output has no queue.
    private static void ReportFailure(Exception e) => SelfLog.WriteLine("The log file was not written: {0}", e);

    // The program reports a failed start, for example a port in use, in one line; ASP.NET Core would add two stack traces.
    private static bool IsReportedByProgram(LogEvent logEvent) => StartFailures.Contains(logEvent.MessageTemplate.Text)
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
