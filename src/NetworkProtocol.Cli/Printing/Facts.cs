using System.Text.Json;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Cli.Printing;

/// <summary>The fields of one object of the API, with the names that they have in its JSON.</summary>
internal static class Facts
{
    /// <summary>All fields of an object; those of an object inside it are called <c>outer.inner</c>.</summary>
    public static IEnumerable<(string Name, object? Value)> Of(object value, string prefix = "") =>
        value.GetType().GetProperties().SelectMany(property =>
        {
            var name = prefix + JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            var field = property.GetValue(value);
            return IsObject(property.PropertyType) && field is not null ? Of(field, $"{name}.") : [(name, field)];
        });

    private static bool IsObject(Type type) => type.IsClass && type.Assembly == typeof(Status).Assembly;
}
