using Microsoft.Extensions.Configuration;

namespace NetworkProtocol.Server.Settings;

/// <summary>
/// Compares a configuration with the options that are bound to it. The binder ignores most of what does not fit, as a text where a list
/// should be, and the setting then has its default, which may be less strict than what was meant.
/// </summary>
public static class SettingsShape
{
    /// <summary>
    /// Finds what does not fit, at every depth: settings that do not exist, values that are not of their setting's type, null, and values,
    /// lists and sections in each other's place. One line each, with the key, the value where it may be shown, and what would be right.
    /// </summary>
    /// <param name="configuration">The program's whole configuration.</param>
    /// <param name="path">The key of what the options are bound to, as <c>NetworkProtocol:Server</c>.</param>
    /// <param name="options">The type of the options.</param>
    public static IReadOnlyList<string> Check(IConfiguration configuration, string path, Type options)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(options);
        var sources = new ConfigurationSources((configuration as IConfigurationRoot)?.Providers ?? []);
        var setting = configuration.GetSection(path);
        return setting.Exists() || sources.HasNull(path) ? [.. new ShapeCheck(sources).Check(setting, options, SettingType.HoldsNoSecret(options))] : [];
    }
}
