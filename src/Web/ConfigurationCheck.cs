using Microsoft.Extensions.Options;
using NetworkProtocol.Client;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Tls;
using NetworkProtocol.Web.Admin;
using NetworkProtocol.Web.Upstreams;

namespace NetworkProtocol.Web;

/// <summary>Finds what is wrong with the configuration before anything listens: one line for each value.</summary>
internal static class ConfigurationCheck
{
    public const string Argument = "--check-config";

    private const string Root = "NetworkProtocol";

    private static readonly Dictionary<string, Type> Sections = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Server"] = typeof(ServerOptions),
        ["Http"] = typeof(HttpOptions),
        ["Log"] = typeof(LogOptions),
        ["Admin"] = typeof(AdminOptions),
        ["Upstreams"] = typeof(Dictionary<string, UpstreamOptions>),
        ["Breakers"] = typeof(BreakerOptions),
    };

    /// <summary>Values of the wrong type, and settings that do not exist.</summary>
    public static IReadOnlyList<string> Find(IConfiguration configuration) =>
    [
        .. configuration.GetSection(Root).GetChildren().SelectMany(section => Sections.TryGetValue(section.Key, out var options)
            ? ServerOptionsValidator.CheckTypes(section, options, section.Path)
            : [$"{section.Path}: no such section; known are {string.Join(", ", Sections.Keys)}"]),
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

    /// <summary>Prints the lines and gives the exit code.</summary>
    public static async Task<int> ReportAsync(IEnumerable<string> problems)
    {
        foreach (var problem in problems)
        {
            await Console.Error.WriteLineAsync(problem);
        }

        return 1;
    }
}
