using Microsoft.Extensions.Options;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Tls;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web;

/// <summary>Finds errors in the configuration before the server listens, one line for each wrong value, and prints them.</summary>
internal static class ConfigurationCheck
{
    public const string Argument = "--check-config";

    /// <summary>Sections that ASP.NET Core reads and this program does not use, with the settings to use instead.</summary>
    private static readonly (string Section, string Instead)[] Unused =
    [
        ("Kestrel", "addresses and certificates are set by NetworkProtocol:Server:Listen, Http:Listen and Http:Tls"),
        ("Logging", "levels are set by Serilog:MinimumLevel"),
    ];

    /// <summary>Values of the wrong type or shape, and settings that do not exist.</summary>
    public static IReadOnlyList<string> Find(IConfiguration configuration, IReadOnlyList<SettingsSection> sections) =>
    [
        .. SettingsShape.Check(configuration, sections),
        .. SettingsShape.Check(configuration, "AllowedHosts", typeof(string)),
        .. Unused.Where(unused => configuration.GetSection(unused.Section).Exists())
            .Select(unused => $"{unused.Section}: must not be set, because this program does not use it: {unused.Instead}"),
        .. SettingNames.FindDuplicates(Environment.GetEnvironmentVariables().Keys.Cast<string>(), "the environment variables"),
    ];

    /// <summary>Values out of range, and certificates that cannot be loaded.</summary>
    public static async Task<IReadOnlyList<string>> ValidateAsync(IServiceProvider services)
    {
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
            if (services.GetRequiredService<IOptions<ServerOptions>>().Value.Tls.Mode != TlsMode.Disabled)
            {
                await services.GetRequiredService<CertificateStore>().LoadAsync(CancellationToken.None);
            }

            if (services.GetRequiredService<IOptions<HttpOptions>>().Value.Tls.CertificatePath.Length > 0)
            {
                await services.GetRequiredKeyedService<CertificateStore>(HttpExtensions.CertificateName).LoadAsync(CancellationToken.None);
            }

            return [];
        }
        catch (OptionsValidationException e)
        {
            return [.. e.Failures];
        }
        catch (AggregateException e)
        {
            return [.. e.InnerExceptions.OfType<OptionsValidationException>().SelectMany(inner => inner.Failures)];
        }
        catch (InvalidOperationException e)
        {
            return [e.Message];
        }
    }

    /// <summary>Settings that are valid but probably not what the operator meant.</summary>
    public static IReadOnlyList<string> Warn(IServiceProvider services) =>
    [
        .. ConfigurationWarnings.Find(
            services.GetRequiredService<IOptions<ServerOptions>>().Value,
            services.GetRequiredService<IOptions<HttpOptions>>().Value,
            services.GetRequiredService<IOptions<AdminOptions>>().Value),
    ];

    /// <summary>Prints the errors and returns the exit code.</summary>
    public static async Task<int> ReportAsync(IEnumerable<string> problems)
    {
        foreach (var problem in problems)
        {
            await ConsoleLine.TryWriteAsync(Console.Error, PlainText.Of(problem)); // a value may contain line breaks or escape sequences
        }

        return 1;
    }

    /// <summary>Prints the errors in the arguments and the list of switches, and returns the exit code.</summary>
    public static async Task<int> ReportUsageAsync(IEnumerable<string> problems)
    {
        await ReportAsync([.. problems, .. Switches.List]);
        return Arguments.WrongUsage;
    }

    /// <summary>Prints the list of switches and returns the exit code.</summary>
    public static async Task<int> ReportHelpAsync()
    {
        await ConsoleLine.TryWriteAsync(Console.Out, string.Join('\n', Switches.List));
        return 0;
    }

    /// <summary>Prints the warnings and that the configuration is valid, and returns the exit code.</summary>
    public static async Task<int> ReportValidAsync(IEnumerable<string> warnings)
    {
        foreach (var warning in warnings)
        {
            await ConsoleLine.TryWriteAsync(Console.Error, $"WARNING: {PlainText.Of(warning)}");
        }

        await ConsoleLine.TryWriteAsync(Console.Out, "The configuration is valid.");
        return 0;
    }
}
