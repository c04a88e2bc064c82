using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace NetworkProtocol.Settings;

/// <summary>
/// Checks the values of options against the validation attributes of their properties. The attributes of a list or a dictionary apply to
/// each entry.
/// </summary>
public static class SettingsValues
{
    /// <summary>Returns a line for each value that is not allowed: its key, the value if it may be shown, and the allowed values.</summary>
    /// <param name="path">The key of the section that is bound to the options, as <c>NetworkProtocol:Server</c>.</param>
    /// <param name="options">The options.</param>
    public static IReadOnlyList<string> Check(string path, object options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return [.. Find(path, options)];
    }

    private static IEnumerable<string> Find(string path, object options) => options is IDictionary entries
        ? FindInEntries(path, entries, [], isShown: false)
        : SettingType.PropertiesOf(options.GetType())
            .SelectMany(property => FindIn($"{path}:{property.Name}", property, property.GetValue(options)));

    private static IEnumerable<string> FindIn(string key, PropertyInfo property, object? value)
    {
        ValidationAttribute[] rules = [.. property.GetCustomAttributes<ValidationAttribute>()];
        var isShown = SettingType.IsShown(property);
        return SettingType.KindOf(property.PropertyType) switch
        {
            _ when value is null => [],
            SettingKind.Value => FindInValue(key, value, rules, isShown),
            SettingKind.List => ((IEnumerable)value).Cast<object>()
                .SelectMany((entry, i) => FindInEntry($"{key}:{i}", entry, rules, isShown)),
            SettingKind.Dictionary => FindInEntries(key, (IDictionary)value, rules, isShown),
            _ => Find(key, value),
        };
    }

    private static IEnumerable<string> FindInEntries(string key, IDictionary entries, ValidationAttribute[] rules, bool isShown) =>
        entries.Keys.Cast<string>().SelectMany(name => FindInEntry($"{key}:{name}", entries[name]!, rules, isShown));

    private static IEnumerable<string> FindInEntry(string key, object entry, ValidationAttribute[] rules, bool isShown) =>
        SettingType.KindOf(entry.GetType()) == SettingKind.Value ? FindInValue(key, entry, rules, isShown) : Find(key, entry);

    private static IEnumerable<string> FindInValue(string key, object value, ValidationAttribute[] rules, bool isShown) => rules
        .Where(rule => !rule.IsValid(value))
        .Select(rule => $"{key} = {(isShown ? Convert.ToString(value, CultureInfo.InvariantCulture) : SettingType.Hidden)}: "
            + $"must be {SettingType.Describe(rule)}");
}
