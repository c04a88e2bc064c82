using Microsoft.Extensions.Options;
using NetworkProtocol.Web.Systemd;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace NetworkProtocol.Web;

/// <summary>The section <c>NetworkProtocol:Log</c>.</summary>
internal sealed class LogOptions
{
    /// <summary>Where to write rolling compact-JSON files, as <c>/var/log/network-protocol/server-.json</c>; empty: nowhere.</summary>
    public string File { get; set; } = "";

    /// <summary>How many files are kept.</summary>
    public int RetainedFiles { get; set; } = 14;

    /// <summary>How large a file gets before the next one begins, from 1 MiB to 10 GiB.</summary>
    public long MaxFileBytes { get; set; } = 100 * 1024 * 1024;

    /// <summary>The mode of a file, in octal: 0600, 0640 or 0644.</summary>
    public string FileMode { get; set; } = "0640";
}

/// <summary>Console for people, files for machines; levels under <c>Serilog:MinimumLevel</c>.</summary>
internal static class Logging
{
    private const string Section = "NetworkProtocol:Log";

    public static void AddLogOptions(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<LogOptions>().Bind(configuration.GetSection(Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<LogOptions>, LogFileValidator>();
    }

    public static void Configure(HostBuilderContext context, LoggerConfiguration logging)
    {
        var options = new LogOptions();
        context.Configuration.GetSection(Section).Bind(options);
        LogFailures.Listen();
        logging
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.AspNetCore.DataProtection", LogEventLevel.Error) // keys lie in a folder that is ours alone
            .MinimumLevel.Override("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogEventLevel.Fatal) // KeyFiles names a damaged key
            .MinimumLevel.Override("Microsoft.Extensions.Diagnostics.HealthChecks", LogEventLevel.Fatal) // HealthHistory tells of changes
            .MinimumLevel.Override("Microsoft.AspNetCore.Antiforgery", LogEventLevel.Fatal) // strangers' forms must not fill the log
            .MinimumLevel.Override("Microsoft.AspNetCore.Authentication.OpenIdConnect", LogEventLevel.Fatal) // ProviderFailures tells of them
            .ReadFrom.Configuration(context.Configuration)
            .Enrich.FromLogContext();
        if (JournalFormatter.IsWanted)
        {
            logging.WriteTo.Console(new JournalFormatter());
        }
        else
        {
            logging.WriteTo.Console(
                outputTemplate: "{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}{NewLine}{Exception}",
                formatProvider: System.Globalization.CultureInfo.InvariantCulture);
        }

        if (options.File.Length > 0 && new LogFileValidator().Validate(name: null, options).Succeeded) // else the start ends with what is wrong
        {
            logging.WriteTo.File(
                new CompactJsonFormatter(),
                options.File,
                rollingInterval: RollingInterval.Day,
                fileSizeLimitBytes: options.MaxFileBytes,
                rollOnFileSizeLimit: true,
                retainedFileCountLimit: options.RetainedFiles,
                hooks: new LogFilePermissions((UnixFileMode)Convert.ToInt32(options.FileMode, 8)));
        }
    }
}
