using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace NetworkProtocol.Settings;

/// <summary>Checks that each setting has the form of its type, and reports the settings that do not.</summary>
internal sealed class ShapeCheck(ConfigurationSources sources)
{
    private const string First = "0";

    /// <param name="setting">A setting that a source sets, perhaps to null.</param>
    /// <param name="type">The setting's type.</param>
    /// <param name="isShown">Whether the setting's value may be shown.</param>
    public IEnumerable<string> Check(IConfigurationSection setting, Type type, bool isShown) => SettingType.KindOf(type) switch
    {
        SettingKind.Value => CheckValue(setting, type, isShown),
        SettingKind.List => CheckList(setting, SettingType.ListEntry(type)!, isShown),
        SettingKind.Dictionary => CheckDictionary(setting, SettingType.DictionaryValue(type)!, isShown),
        _ => CheckSection(setting, type, isShown),
    };

    /// <param name="setting">The parent of the sections, as <c>NetworkProtocol</c>.</param>
    /// <param name="sections">The sections that the parent may contain.</param>
    public IEnumerable<string> CheckParent(IConfigurationSection setting, IReadOnlyList<SettingsSection> sections) => CheckMembers(
        setting,
        [
            .. sections.Select(section => new Member(
                ConfigurationPath.GetSectionKey(section.Path), section.Options, SettingType.HoldsNoSecret(section.Options))),
        ],
        isShown: false);

    private IEnumerable<string> CheckValue(IConfigurationSection setting, Type type, bool isShown)
    {
        var right = $"must be {ValueType.Describe(type)}";
        if (setting.GetChildren().FirstOrDefault() is { } below)
        {
            yield return $"{setting.Path}: {right}, and cannot have {below.Path} below it";
        }
        else if (setting.Value is not { } text)
        {
            yield return $"{setting.Path} = null: {right}; leave it out for its default";
        }
        else if (text.Length == 0 && sources.IsEmptyList(setting.Path))
        {
            yield return $"{setting.Path} = []: {right}";
        }
        else if (!ValueType.Accepts(type, text))
        {
            yield return $"{setting.Path} = {Shown(text, isShown)}: {right}";
        }
    }

    private IEnumerable<string> CheckList(IConfigurationSection setting, Type entry, bool isShown)
    {
        var entries = setting.GetChildren().ToList();
        if (setting.Value is { Length: > 0 } text)
        {
            yield return $"{setting.Path} = {Shown(text, isShown)}: must be a list: {Forms(setting.Path, Shown(text, isShown))}";
        }
        else if (setting.Value is not null && !sources.IsEmptyList(setting.Path))
        {
            yield return $"{setting.Path} = : must be a list, and is an empty text: "
                + $"leave it out for an empty list, or {Forms(setting.Path, "VALUE")}";
        }
        else if (sources.HasNull(setting.Path))
        {
            yield return $"{setting.Path} = null: must be a list; leave it out, or write [] in a file, for an empty one";
        }
        else if (setting.Value is not null && entries.Count > 0)
        {
            yield return $"{setting.Path} = []: does not remove {entries[0].Path} of another source, "
                + "because the entries of all sources are one list; remove them there";
        }

        foreach (var error in entries.SelectMany((child, i) => CheckEntry(child, i, setting.Path, entry, isShown)))
        {
            yield return error;
        }
    }

    private IEnumerable<string> CheckEntry(IConfigurationSection child, int index, string list, Type entry, bool isShown)
    {
        var number = index.ToString(CultureInfo.InvariantCulture);
        return child.Key != number
            ? [$"{child.Path}{Value(child, isShown)}: must be {list}:{number}, "
                + $"because {list} is a list: its entries are numbered from 0 without a gap"]
            : child.Value?.Length == 0 ? [$"{child.Path} = : must not be empty"]
            : Check(child, entry, isShown);
    }

    private IEnumerable<string> CheckDictionary(IConfigurationSection setting, Type entry, bool isShown)
    {
        var example = $"{setting.Path}:NAME"
            + (SettingType.KindOf(entry) == SettingKind.Section ? $":{SettingType.PropertiesOf(entry).First().Name}" : "");
        if (setting.Value is { } text)
        {
            yield return $"{setting.Path} = {Shown(text, isShown)}: must be a section with a name for each entry, as {example}";
        }

        foreach (var child in setting.GetChildren())
        {
            if (child.Key == First || string.IsNullOrWhiteSpace(child.Key))
            {
                yield return $"{child.Path}{Value(child, isShown)}: must have a name, as {example}: {setting.Path} is no list";
            }
            else
            {
                foreach (var error in CheckNamed(child, entry, isShown))
                {
                    yield return error;
                }
            }
        }
    }

    private IEnumerable<string> CheckNamed(IConfigurationSection child, Type entry, bool isShown) =>
        SettingType.KindOf(entry) == SettingKind.Section && !child.Exists()
            ? [$"{child.Path} = null: must be a section with {Names(entry)}"]
            : Check(child, entry, isShown);

    private IEnumerable<string> CheckSection(IConfigurationSection setting, Type type, bool isShown) => CheckMembers(
        setting,
        [
            .. SettingType.PropertiesOf(type).Select(property =>
                new Member(property.Name, property.PropertyType, SettingType.IsShown(property))),
        ],
        isShown && SettingType.HoldsNoSecret(type));

    private IEnumerable<string> CheckMembers(IConfigurationSection setting, Member[] members, bool isShown)
    {
        if (setting.Value is { } text)
        {
            yield return $"{setting.Path} = {Shown(text, isShown)}: "
                + $"must be a section with {Names(members)}, as {setting.Path}:{members[0].Name}";
        }

        foreach (var child in setting.GetChildren())
        {
            if (Array.Find(members, member => member.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)) is not { } member)
            {
                yield return $"{child.Path}{Value(child, isShown)}: "
                    + $"no such {(child.Value is null ? "section" : "setting")}; known are {Names(members)}";
            }
            else
            {
                foreach (var error in Check(child, member.Type, member.IsShown))
                {
                    yield return error;
                }
            }
        }
    }

    private static string Names(Type section) => Names(SettingType.PropertiesOf(section).Select(property => property.Name));

    private static string Names(Member[] members) => Names(members.Select(member => member.Name));

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Order());

    private static string Forms(string path, string value) =>
        $"[\"{value}\"] in a file, {path.Replace(":", "__", StringComparison.Ordinal)}__0={value} in the environment, "
            + $"--{path}:0={value} as an argument";

    private static string Value(IConfigurationSection setting, bool isShown) =>
        setting.Value is { } text ? $" = {Shown(text, isShown)}" : "";

    private static string Shown(string text, bool isShown) => isShown ? text : SettingType.Hidden;

    /// <summary>A setting that a section may contain.</summary>
    private sealed record Member(string Name, Type Type, bool IsShown);
}
