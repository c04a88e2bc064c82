using System.Collections;
using System.Globalization;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Options;
using NetworkProtocol.Admin;
using NetworkProtocol.Server;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Upstreams;

namespace NetworkProtocol.Web.Node;

/// <summary>The settings in effect, with the source of each value, for the Configuration page and the API.</summary>
internal sealed class ConfigurationView
{
    private const string Prefix = $"{SettingNames.Root}:";

    /// <summary>How long the values from the files are cached, so that frequent requests do not cause frequent reads.</summary>
    private static readonly TimeSpan CacheTime = TimeSpan.FromSeconds(1);

    private readonly IConfigurationRoot _configuration;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Setting[] _inEffect;
    private readonly Dictionary<string, string?> _atStart;
    private Dictionary<string, string?>? _now;
    private long? _readAt;

    public ConfigurationView(
        IConfiguration configuration, IEnumerable<SettingsSection> sections, IServiceProvider services, TimeProvider time)
    {
        _time = time;
        _configuration = (IConfigurationRoot)configuration;
        _inEffect = [.. sections.SelectMany(section =>
            Leaves(section.Path, section.InEffect(services), SettingType.IsShown(section.Options), isReadAgain: false))];
        _atStart = _inEffect.ToDictionary(setting => setting.Key, setting => _configuration[setting.Key], StringComparer.OrdinalIgnoreCase);
    }

    public IReadOnlyList<SettingRow> Settings()
    {
        var now = ReadNow();
        return
        [
            .. _inEffect.Select(setting => new SettingRow(
                setting.Key.StartsWith(Prefix, StringComparison.Ordinal) ? setting.Key[Prefix.Length..] : setting.Key,
                setting.Value,
                SourceOf(setting.Key),
                !setting.IsReadAgain,
                now is not null && now[setting.Key] != _atStart[setting.Key])),
        ];
    }

    /// <summary>
    /// The current values in the sources, read again because the program does not watch its files. Null while a source cannot be read.
    /// </summary>
    private Dictionary<string, string?>? ReadNow()
    {
        lock (_lock)
        {
            if (_readAt is not { } at || _time.GetElapsedTime(at) >= CacheTime)
            {
                (_now, _readAt) = (_configuration.ReadAgain(_inEffect.Select(setting => setting.Key)), _time.GetTimestamp());
            }

            return _now;
        }
    }

    private static IEnumerable<Setting> Leaves(string key, object? value, bool isShown, bool isReadAgain) => value switch
    {
        null => [new Setting(key, "", isReadAgain)],
        _ when SettingType.KindOf(value.GetType()) == SettingKind.Value => [new Setting(key, TextOf(value, isShown), isReadAgain)],
        IDictionary dictionary => dictionary.Keys.Cast<string>()
            .SelectMany(entry => Leaves($"{key}:{entry}", dictionary[entry], isShown, isReadAgain)),
        IEnumerable list => list.Cast<object>().SelectMany((entry, i) => Leaves($"{key}:{i}", entry, isShown, isReadAgain))
            .DefaultIfEmpty(new Setting(key, "", isReadAgain)),
        _ => value.GetType().GetProperties().SelectMany(property => Leaves(
            $"{key}:{property.Name}",
            property.GetValue(value),
            SettingType.IsShown(property),
            property.IsDefined(typeof(ReadAgainAttribute), inherit: true))),
    };

    private static string TextOf(object value, bool isShown) =>
        Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text
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

    private sealed record Setting(string Key, string Value, bool IsReadAgain);
}
