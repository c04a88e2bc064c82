using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using NetworkProtocol.Settings;

namespace Integration.Tests.Settings;

/// <summary>The tables of docs/configuration.md, made from the sections and their doc comments.</summary>
internal static partial class SettingsTable
{
    private const string Name = "&lt;name&gt;";

    private static readonly Dictionary<Assembly, XDocument> Documents = [];

    /// <summary>A heading and a table for each section.</summary>
    public static string Write()
    {
        var text = new StringBuilder();
        foreach (var section in AllSettings.Sections)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"### `{section.Path}`\n\n{SentenceOf(section.Options)}\n\n"
                    + $"| setting | default | allowed | meaning |\n|---|---|---|---|\n");
            text.AppendJoin("", RowsOf("", section.Options)).Append('\n');
        }

        return text.ToString();
    }

    private static IEnumerable<string> RowsOf(string prefix, Type type) => SettingType.KindOf(type) == SettingKind.Dictionary
        ? RowsOf($"{prefix}{Name}:", SettingType.DictionaryValue(type)!)
        : SettingType.PropertiesOf(type).SelectMany(property => RowsOf(prefix, property));

    private static IEnumerable<string> RowsOf(string prefix, PropertyInfo property)
    {
        var type = property.PropertyType;
        return SettingType.KindOf(type) switch
        {
            SettingKind.Section => RowsOf($"{prefix}{property.Name}:", type),
            SettingKind.Dictionary when SettingType.KindOf(SettingType.DictionaryValue(type)!) == SettingKind.Section =>
                RowsOf($"{prefix}{property.Name}:{Name}:", SettingType.DictionaryValue(type)!),
            SettingKind.Dictionary => [Row($"{prefix}{property.Name}:{Name}", property)],
            SettingKind.List => [Row($"{prefix}{property.Name}:0", property)],
            _ => [Row($"{prefix}{property.Name}", property)],
        };
    }

    private static string Row(string key, PropertyInfo property)
    {
        var marks = (SettingType.IsShown(property) ? "" : " **Secret.**")
            + (property.IsDefined(typeof(ReadAgainAttribute)) ? " *Read again when the file changes.*" : "");
        return $"| `{key.Replace(Name, "<name>", StringComparison.Ordinal)}` | {DefaultOf(property)} | {AllowedOf(property)} | "
            + $"{Summary(property)}{marks} |\n";
    }

    private static string DefaultOf(PropertyInfo property) => property.GetValue(Activator.CreateInstance(property.DeclaringType!)) switch
    {
        null => "see meaning",
        string { Length: 0 } => "empty",
        IEnumerable and not string => "none",
        var value => $"`{Convert.ToString(value, CultureInfo.InvariantCulture)}`",
    };

    private static string AllowedOf(PropertyInfo property)
    {
        var type = SettingType.KindOf(property.PropertyType) switch
        {
            SettingKind.Dictionary => SettingType.DictionaryValue(property.PropertyType)!,
            SettingKind.List => SettingType.ListEntry(property.PropertyType)!,
            _ => property.PropertyType,
        };
        type = Nullable.GetUnderlyingType(type) ?? type;
        return property.GetCustomAttributes<ValidationAttribute>().FirstOrDefault() is { } rule ? SettingType.Describe(rule)
            : type.IsEnum ? string.Join(", ", Enum.GetNames(type).Select(name => $"`{name}`"))
            : NetworkProtocol.Settings.ValueType.Describe(type);
    }

    private static string SentenceOf(Type options)
    {
        var summary = Summary($"T:{options.FullName}", options.Assembly);
        var after = summary.IndexOf(": ", StringComparison.Ordinal);
        return summary.StartsWith("The section", StringComparison.Ordinal) && after > 0
            ? char.ToUpperInvariant(summary[after + 2]) + summary[(after + 3)..]
            : summary;
    }

    private static string Summary(PropertyInfo property) =>
        Summary($"P:{property.DeclaringType!.FullName!.Replace('+', '.')}.{property.Name}", property.DeclaringType.Assembly);

    private static string Summary(string member, Assembly assembly)
    {
        if (!Documents.TryGetValue(assembly, out var document))
        {
            Documents[assembly] = document = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml"));
        }

        var summary = document.Descendants("member").Single(element => element.Attribute("name")!.Value == member).Element("summary")!;
        foreach (var see in summary.Descendants("see").ToArray())
        {
            see.ReplaceWith($"`{see.Attribute("cref")!.Value.Split('.')[^1]}`");
        }

        foreach (var code in summary.Descendants("c").ToArray())
        {
            code.ReplaceWith($"`{code.Value}`");
        }

        return Spaces().Replace(summary.Value, " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
