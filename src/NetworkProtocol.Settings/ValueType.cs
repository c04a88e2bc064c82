using System.ComponentModel;
using System.Text.RegularExpressions;

namespace NetworkProtocol.Settings;

/// <summary>Checks whether a text in the configuration is a value of a type.</summary>
internal static partial class ValueType
{
    private static readonly Type[] WholeNumbers =
        [typeof(byte), typeof(sbyte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong)];

    /// <summary>Whether the text is a value of the type.</summary>
    public static bool Accepts(Type type, string text)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? Enum.GetNames(type).Contains(text, StringComparer.OrdinalIgnoreCase)
            : (type != typeof(TimeSpan) || Duration().IsMatch(text)) && TypeDescriptor.GetConverter(type).IsValid(text);
    }

    /// <summary>The values of the type in words, as the end of a sentence after "must be".</summary>
    public static string Describe(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return WholeNumbers.Contains(type) ? "a whole number"
            : type == typeof(TimeSpan) ? "a duration as hh:mm:ss[.fff] with hours up to 23, or d.hh:mm:ss"
            : type == typeof(bool) ? "true or false"
            : type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}"
            : type.IsValueType ? "a number"
            : "a text";
    }

    // .NET parses 30 as 30 days and 24:00:00 as 24 days, which operators do not mean.
    [GeneratedRegex(@"^(\d+\.)?([01]?\d|2[0-3]):\d{1,2}(:\d{1,2}(\.\d{1,7})?)?$")]
    private static partial Regex Duration();
}
