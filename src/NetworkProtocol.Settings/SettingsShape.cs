using Microsoft.Extensions.Configuration;

namespace NetworkProtocol.Settings;

/// <summary>
/// Compares a configuration with the options that are bound to it. The binder ignores most values that do not fit, for example a text
/// instead of a list. The setting then has its default, which may be less strict than the operator intended.
/// </summary>
public static class SettingsShape
{
    /// <summary>
    /// Finds everything that does not fit, at every depth: unknown settings, values of the wrong type, null, and values, lists and sections
    /// in place of each other. Each line has the key, the value if it may be shown, and what is right.
    /// </summary>
    /// <param name="configuration">The program's whole configuration.</param>
    /// <param name="path">The key of the section that is bound to the options, as <c>NetworkProtocol:Server</c>.</param>
    /// <param name="options">The type of the options.</param>
    public static IReadOnlyList<string> Check(IConfiguration configuration, string path, Type options)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(options);
        var (check, setting) = Begin(configuration, path);
        return setting is null ? [] : [.. check.Check(setting, options, SettingType.HoldsNoSecret(options))];
    }

    /// <summary>
    /// Checks all sections of a program; also reports an unknown key beside the sections, as <c>NetworkProtocol:Sever</c>.
    /// </summary>
    /// <param name="configuration">The program's whole configuration.</param>
    /// <param name="sections">The sections.</param>
    public static IReadOnlyList<string> Check(IConfiguration configuration, IReadOnlyList<SettingsSection> sections)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(sections);
        var parents = sections.Where(section => section.Path.Contains(':', StringComparison.Ordinal))
            .GroupBy(section => ConfigurationPath.GetParentPath(section.Path)!, StringComparer.OrdinalIgnoreCase);
        return
        [
            .. parents.SelectMany(parent => Begin(configuration, parent.Key) is (var check, { } setting)
                ? check.CheckParent(setting, [.. parent])
                : []),
            .. sections.Where(section => !section.Path.Contains(':', StringComparison.Ordinal))
                .SelectMany(section => Check(configuration, section.Path, section.Options)),
        ];
    }

    private static (ShapeCheck Check, IConfigurationSection? Setting) Begin(IConfiguration configuration, string path)
    {
        var sources = new ConfigurationSources((configuration as IConfigurationRoot)?.Providers ?? []);
        var setting = configuration.GetSection(path);
        return (new ShapeCheck(sources), setting.Exists() || sources.HasNull(path) ? setting : null);
    }
}
