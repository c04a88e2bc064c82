namespace NetworkProtocol.Settings;

/// <summary>
/// The value of this setting is no secret: the console, the API, errors and logs may show it. A text, or a list of texts, without this
/// attribute is hidden everywhere; numbers, durations and names of an enumeration are always shown.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ShownAttribute : Attribute;
