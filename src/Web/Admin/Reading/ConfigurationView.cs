using System.Collections;
using System.Globalization;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Settings;
using NetworkProtocol.Web.Telemetry;
using NetworkProtocol.Web.Upstreams;

namespace NetworkProtocol.Web.Admin.Reading;

/// <summary>Every setting in effect, and where it came from.</summary>
internal sealed class ConfigurationView
{
    private const string Root = "NetworkProtocol";

    /// <summary>Settings whose files are read again by themselves.</summary>
    private static readonly string[] Reloaded = ["CertificatePath", "KeyPath", "ClientCaPath"];

    /// <summary>How old may be what is shown of the files: whoever looks all the time costs no more than one who looks now and then.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private readonly IConfigurationRoot _configuration;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly (string Key, string Value)[] _inEffect;
    private readonly Dictionary<string, string?> _atStart;
    private Dictionary<string, string?>? _now;
    private long? _readAt;

    public ConfigurationView(
        IConfiguration configuration,
        IOptions<ServerOptions> server,
        IOptions<ClusterOptions> cluster,
        IOptions<HttpOptions> http,
        IOptions<AdminOptions> admin,
        IOptions<TelemetryOptions> telemetry,
        IOptions<LogOptions> log,
        IOptions<UpstreamsOptions> upstreams,
        TimeProvider time)
    {
        _time = time;
        _configuration = (IConfigurationRoot)configuration;
        _inEffect =
        [
            .. Leaves($"{Root}:Server", server.Value),
            .. Leaves($"{Root}:Cluster", cluster.Value),
            .. Leaves($"{Root}:Http", http.Value),
            .. Leaves($"{Root}:Admin", admin.Value),
            .. Leaves($"{Root}:Telemetry", telemetry.Value),
            .. Leaves($"{Root}:Log", log.Value),
            .. Leaves(Root, upstreams.Value),
        ];
        _atStart = _inEffect.ToDictionary(setting => setting.Key, setting => _configuration[setting.Key], StringComparer.OrdinalIgnoreCase);
    }

    public IReadOnlyList<SettingRow> Settings()
    {
        var now = ReadNow();
        return
        [
            .. _inEffect.Select(setting => new SettingRow(
                setting.Key[(Root.Length + 1)..],
                setting.Value,
                SourceOf(setting.Key),
                !Reloaded.Any(name => setting.Key.EndsWith(name, StringComparison.Ordinal)),
                now is not null && now[setting.Key] != _atStart[setting.Key])),
        ];
    }

    /// <summary>The settings as their files have them now: nobody watches the files. Null while one of them cannot be read.</summary>
    private Dictionary<string, string?>? ReadNow()
    {
        lock (_lock)
        {
            if (_readAt is not { } at || _time.GetElapsedTime(at) >= Freshness)
            {
                (_now, _readAt) = (_configuration.ReadAgain(_inEffect.Select(setting => setting.Key)), _time.GetTimestamp());
            }

            return _now;
        }
    }

    private static IEnumerable<(string Key, string Value)> Leaves(string path, object options)
    {
        foreach (var property in options.GetType().GetProperties())
        {
            var key = $"{path}:{property.Name}";
            foreach (var leaf in LeavesOf(key, property.GetValue(options), SettingType.IsShown(property)))
            {
                yield return leaf;
            }
        }
    }

    private static IEnumerable<(string Key, string Value)> LeavesOf(string key, object? value, bool isShown) => value switch
    {
        null => [(key, "")],
        _ when SettingType.KindOf(value.GetType()) == SettingKind.Value => [(key, Shown(value, isShown))],
        IDictionary dictionary => dictionary.Keys.Cast<string>().SelectMany(entry => LeavesOf($"{key}:{entry}", dictionary[entry], isShown)),
        IEnumerable list => list.Cast<object>().SelectMany((entry, i) => LeavesOf($"{key}:{i}", entry, isShown)).DefaultIfEmpty((key, "")),
        _ => Leaves(key, value),
    };

    private static string Shown(object value, bool isShown) => Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text
        ? isShown ? text : SettingType.Hidden
        : "";

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
