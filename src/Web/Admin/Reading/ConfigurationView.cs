using System.Collections;
using System.Globalization;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server;
using NetworkProtocol.Web.Upstreams;

namespace NetworkProtocol.Web.Admin.Reading;

/// <summary>Every setting in effect, and where it came from.</summary>
internal sealed class ConfigurationView
{
    private const string Root = "NetworkProtocol";
    private const string Hidden = "(hidden)";

    private static readonly string[] Secrets = ["Password", "ClientSecret", "Hash"];

    /// <summary>Settings whose files are read again by themselves.</summary>
    private static readonly string[] Reloaded = ["CertificatePath", "KeyPath", "ClientCaPath"];

    private readonly IConfigurationRoot _configuration;
    private readonly (string Key, string Value)[] _inEffect;
    private readonly Dictionary<string, string?> _atStart;

    public ConfigurationView(
        IConfiguration configuration,
        IOptions<ServerOptions> server,
        IOptions<HttpOptions> http,
        IOptions<AdminOptions> admin,
        IOptions<LogOptions> log,
        IOptions<UpstreamsOptions> upstreams)
    {
        _configuration = (IConfigurationRoot)configuration;
        _inEffect =
        [
            .. Leaves($"{Root}:Server", server.Value),
            .. Leaves($"{Root}:Http", http.Value),
            .. Leaves($"{Root}:Admin", admin.Value),
            .. Leaves($"{Root}:Log", log.Value),
            .. Leaves(Root, upstreams.Value),
        ];
        _atStart = _inEffect.ToDictionary(setting => setting.Key, setting => _configuration[setting.Key], StringComparer.OrdinalIgnoreCase);
    }

    public IReadOnlyList<SettingRow> Settings() =>
    [
        .. _inEffect.Select(setting => new SettingRow(
            setting.Key[(Root.Length + 1)..],
            setting.Value,
            SourceOf(setting.Key),
            !Reloaded.Any(name => setting.Key.EndsWith(name, StringComparison.Ordinal)),
            _configuration[setting.Key] != _atStart[setting.Key])),
    ];

    private static IEnumerable<(string Key, string Value)> Leaves(string path, object options)
    {
        foreach (var property in options.GetType().GetProperties())
        {
            var key = $"{path}:{property.Name}";
            foreach (var leaf in LeavesOf(key, property.Name, property.GetValue(options)))
            {
                yield return leaf;
            }
        }
    }

    private static IEnumerable<(string Key, string Value)> LeavesOf(string key, string name, object? value) => value switch
    {
        string text when Secrets.Contains(name) && text.Length > 0 => [(key, Hidden)],
        IDictionary dictionary => dictionary.Keys.Cast<string>().SelectMany(entry => Leaves($"{key}:{entry}", dictionary[entry]!)),
        IList<string> { Count: 0 } => [(key, "")],
        IList<string> list => list.Select((item, i) => ($"{key}:{i}", item)),
        null => [(key, "")],
        string or IFormattable or bool => [(key, Convert.ToString(value, CultureInfo.InvariantCulture)!)],
        _ => Leaves(key, value),
    };

    private string SourceOf(string key) => _configuration.Providers.Reverse().FirstOrDefault(provider => provider.TryGet(key, out _)) switch
    {
        null => "default",
        FileConfigurationProvider file => $"file {file.Source.Path}",
        EnvironmentVariablesConfigurationProvider => "environment",
        CommandLineConfigurationProvider => "argument",
        ChainedConfigurationProvider => "host",
        var other => other.GetType().Name,
    };
}
