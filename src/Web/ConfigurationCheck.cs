using Microsoft.Extensions.Options;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Tls;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web;

/// <summary>Finds what is wrong with the configuration before anything listens: one line for each value.</summary>
internal static class ConfigurationCheck
{
    public const string Argument = "--check-config";

    /// <summary>What ASP.NET Core would take and this program does not, each with the settings that take its place.</summary>
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
        .. SettingNames.FindTwice(Environment.GetEnvironmentVariables().Keys.Cast<string>(), "the environment variables"),
    ];

    /// <summary>Values out of range, and certificates that do not load.</summary>
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
                await services.GetRequiredKeyedService<CertificateStore>(HttpEndpoint.CertificateName).LoadAsync(CancellationToken.None);
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

    /// <summary>What is no error, and may not be what was meant.</summary>
    public static IReadOnlyList<string> Warn(IServiceProvider services) =>
    [
        .. ConfigurationWarnings.Find(
            services.GetRequiredService<IOptions<ServerOptions>>().Value,
            services.GetRequiredService<IOptions<HttpOptions>>().Value,
            services.GetRequiredService<IOptions<AdminOptions>>().Value),
    ];

    /// <summary>Prints the lines and gives the exit code.</summary>
    public static async Task<int> ReportAsync(IEnumerable<string> problems)
    {
        foreach (var problem in problems)
        {
            await Printed.TryWriteAsync(Console.Error, PlainText.Of(problem)); // a value may have several lines, or escape sequences
        }

        return 1;
    }

    /// <summary>Prints what is wrong with the arguments and which there are, and gives the exit code.</summary>
    public static async Task<int> ReportUsageAsync(IEnumerable<string> problems)
    {
        await ReportAsync([.. problems, .. Switches.List]);
        return Arguments.WrongUsage;
    }

    /// <summary>Prints which arguments there are.</summary>
    public static async Task<int> ReportHelpAsync()
    {
        await Printed.TryWriteAsync(Console.Out, string.Join('\n', Switches.List));
        return 0;
    }

    /// <summary>Prints what may not be meant, and that nothing is wrong.</summary>
    public static async Task<int> ReportGoodAsync(IEnumerable<string> warnings)
    {
        foreach (var warning in warnings)
        {
            await Printed.TryWriteAsync(Console.Error, $"WARNING: {PlainText.Of(warning)}");
        }

        await Printed.TryWriteAsync(Console.Out, "The configuration is valid.");
        return 0;
    }
}
