using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace NetworkProtocol.Settings;

/// <summary>Reads from a type of options what its settings are, and which of them may be shown.</summary>
public static class SettingType
{
    /// <summary>What stands in place of a value that may be a secret.</summary>
    public const string Hidden = "(hidden)";

    /// <summary>What a configuration holds for a setting of this type.</summary>
    public static SettingKind KindOf(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return DictionaryValue(type) is not null ? SettingKind.Dictionary
            : type.IsValueType || TypeDescriptor.GetConverter(type).CanConvertFrom(typeof(string)) ? SettingKind.Value
            : ListEntry(type) is not null ? SettingKind.List
            : SettingKind.Section;
    }

    /// <summary>Whether a value of this setting may be shown.</summary>
    /// <param name="property">A property of an options class.</param>
    public static bool IsShown(PropertyInfo property)
    {
        ArgumentNullException.ThrowIfNull(property);
        return property.IsDefined(typeof(ShownAttribute)) || HoldsNoSecret(property.PropertyType);
    }

    /// <summary>What a validation attribute allows, as the end of a sentence after "must be".</summary>
    internal static string Describe(ValidationAttribute rule)
    {
        if (rule is not RangeAttribute range)
        {
            return rule.FormatErrorMessage("");
        }

        range.IsValid(null); // a range has its limits as texts until it is first used
        return string.Create(CultureInfo.InvariantCulture, $"{range.Minimum} to {range.Maximum}");
    }

    /// <summary>Whether nothing that this type holds, however deep, has to be hidden.</summary>
    internal static bool HoldsNoSecret(Type type) => KindOf(type) switch
    {
        SettingKind.Value => (Nullable.GetUnderlyingType(type) ?? type).IsValueType,
        SettingKind.List => HoldsNoSecret(ListEntry(type)!),
        SettingKind.Dictionary => HoldsNoSecret(DictionaryValue(type)!),
        _ => PropertiesOf(type).All(IsShown),
    };

    /// <summary>What configuration can set: values with a setter, and whatever has settings below it.</summary>
    internal static IEnumerable<PropertyInfo> PropertiesOf(Type section) => section
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.GetIndexParameters().Length == 0
            && (property.SetMethod is { IsPublic: true } || KindOf(property.PropertyType) != SettingKind.Value));

    /// <summary>The type of a list's entries; null for what is no list.</summary>
    internal static Type? ListEntry(Type type) => ArgumentsOf(type, typeof(IEnumerable<>))?[0];

    /// <summary>The type of a dictionary's entries; null for what is no dictionary with texts as keys.</summary>
    internal static Type? DictionaryValue(Type type) =>
        (ArgumentsOf(type, typeof(IDictionary<,>)) ?? ArgumentsOf(type, typeof(IReadOnlyDictionary<,>))) is [var key, var value] && key == typeof(string) ? value : null;

    private static Type[]? ArgumentsOf(Type type, Type generic) => type.GetInterfaces().Prepend(type)
        .FirstOrDefault(candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == generic)?.GetGenericArguments();
}
