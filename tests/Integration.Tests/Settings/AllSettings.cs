using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Settings;
using NetworkProtocol.Web;

namespace Integration.Tests.Settings;

/// <summary>Every setting of the program, found by reflection. Where the operator chooses a name, the setting has a sample name.</summary>
internal static class AllSettings
{
    /// <summary>The sections of the program.</summary>
    public static IReadOnlyList<SettingsSection> Sections { get; } =
        SettingsSection.Of(new ServiceCollection().AddFeatures(new ConfigurationBuilder().Build()));

    public static IReadOnlyList<(string Path, Type Type)> Find() =>
        [(SettingNames.Root, typeof(AllSettings)), .. Sections.SelectMany(section => Below(section.Path, section.Options))];

    /// <summary>A value that is valid for the type.</summary>
    public static string GoodValue(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? Enum.GetNames(type)[0]
            : type == typeof(TimeSpan) ? "00:00:05"
            : type == typeof(bool) ? "true"
            : "7";
    }

    private static IEnumerable<(string Path, Type Type)> Below(string path, Type type) => SettingType.KindOf(type) switch
    {
        SettingKind.Section => SettingType.PropertiesOf(type)
            .SelectMany(property => Below($"{path}:{property.Name}", property.PropertyType)).Prepend((path, type)),
        SettingKind.Dictionary => Below($"{path}:chosen", SettingType.DictionaryValue(type)!).Prepend((path, type)),
        _ => [(path, type)],
    };
}
