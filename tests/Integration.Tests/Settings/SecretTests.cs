using NetworkProtocol.Settings;
using NetworkProtocol.Web.Access;

namespace Integration.Tests.Settings;

/// <summary>A text setting is secret unless it is declared otherwise.</summary>
public sealed class SecretTests
{
    /// <summary>The secret settings. A new setting needs a decision: <c>[Shown]</c> on its property, or a line here.</summary>
    [Fact]
    public void What_is_hidden_is_hidden_on_purpose() => Assert.Equal(
        [
            "AdminOptions.Password", "AdminToken.Hash", "AdminUser.Password", "EdgeMqttOptions.Password", "HubOptions.ConnectionString",
            "OpenIdOptions.ClientSecret", "OtlpOptions.Headers",
        ],
        AllSettings.Sections.SelectMany(section => Hidden(section.Options)).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void A_new_text_is_hidden_and_a_new_number_is_not() => Assert.Equal(
        ["NewOptions.ConnectionString", "NewOptions.Nodes"], Hidden(typeof(NewOptions)).Order(StringComparer.Ordinal));

    private static IEnumerable<string> Hidden(Type type) => SettingType.DictionaryValue(type) is { } entry
        ? SettingType.KindOf(entry) == SettingKind.Value ? SettingType.IsShown(type) ? [] : [type.Name] : Hidden(entry)
        : SettingType.PropertiesOf(type).SelectMany(property => SettingType.KindOf(property.PropertyType) switch
    {
        SettingKind.Section => Hidden(property.PropertyType),
        SettingKind.Dictionary when SettingType.KindOf(SettingType.DictionaryValue(property.PropertyType)!) == SettingKind.Section =>
            Hidden(SettingType.DictionaryValue(property.PropertyType)!),
        _ => SettingType.IsShown(property) ? [] : [$"{property.DeclaringType!.Name}.{property.Name}"],
    });

    private sealed class NewOptions
    {
        public string ConnectionString { get; set; } = "";

        public IList<string> Nodes { get; } = [];

        [Shown]
        public string Name { get; set; } = "";

        public int Number { get; set; }

        public TimeSpan? Time { get; set; }
    }
}
