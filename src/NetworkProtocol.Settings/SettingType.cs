using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace NetworkProtocol.Settings;

/// <summary>Finds the settings of an options class, their kinds, and which of their values may be shown.</summary>
public static class SettingType
{
    /// <summary>The text that replaces a value that may be a secret.</summary>
    public const string Hidden = "(hidden)";

    /// <summary>The form in the configuration of a setting of this type.</summary>
    public static SettingKind KindOf(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return DictionaryValue(type) is not null ? SettingKind.Dictionary
            : type.IsValueType || TypeDescriptor.GetConverter(type).CanConvertFrom(typeof(string)) ? SettingKind.Value
            : ListEntry(type) is not null ? SettingKind.List
            : SettingKind.Section;
    }

    /// <summary>Whether the value of this setting may be shown.</summary>
    /// <param name="property">A property of an options class.</param>
    public static bool IsShown(PropertyInfo property)
    {
        ArgumentNullException.ThrowIfNull(property);
        return property.IsDefined(typeof(ShownAttribute)) || HoldsNoSecret(property.PropertyType);
    }

    /// <summary>The values that a validation attribute allows, as the end of a sentence after "must be".</summary>
    internal static string Describe(ValidationAttribute rule)
    {
        if (rule is not RangeAttribute range)
        {
            return rule.FormatErrorMessage("");
        }

        range.IsValid(null); // the attribute converts its limits from texts only when it is first used
        return string.Create(CultureInfo.InvariantCulture, $"{range.Minimum} to {range.Maximum}");
    }

    /// <summary>Whether no value in these options has to be hidden, at any depth.</summary>
    /// <param name="options">The type of a section's options.</param>
    public static bool IsShown(Type options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return HoldsNoSecret(options);
    }

    /// <summary>Whether no value in this type has to be hidden, at any depth.</summary>
    internal static bool HoldsNoSecret(Type type) => KindOf(type) switch
    {
        SettingKind.Value => (Nullable.GetUnderlyingType(type) ?? type).IsValueType,
        SettingKind.List => HoldsNoSecret(ListEntry(type)!),
        SettingKind.Dictionary => HoldsNoSecret(DictionaryValue(type)!),
        _ => PropertiesOf(type).All(IsShown),
    };

    /// <summary>The properties that the configuration can set: values with a public setter, and lists, dictionaries and sections.</summary>
    internal static IEnumerable<PropertyInfo> PropertiesOf(Type section) => section
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.GetIndexParameters().Length == 0
            && (property.SetMethod is { IsPublic: true } || KindOf(property.PropertyType) != SettingKind.Value));

    /// <summary>The type of the entries of a list; null if the type is not a list.</summary>
    internal static Type? ListEntry(Type type) => ArgumentsOf(type, typeof(IEnumerable<>))?[0];

    /// <summary>The type of the entries of a dictionary; null if the type is not a dictionary with texts as keys.</summary>
    internal static Type? DictionaryValue(Type type)
    {
        var arguments = ArgumentsOf(type, typeof(IDictionary<,>)) ?? ArgumentsOf(type, typeof(IReadOnlyDictionary<,>));
        return arguments is [var key, var value] && key == typeof(string) ? value : null;
    }

    private static Type[]? ArgumentsOf(Type type, Type generic) => type.GetInterfaces().Prepend(type)
        .FirstOrDefault(candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == generic)?.GetGenericArguments();
}
