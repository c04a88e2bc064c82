namespace NetworkProtocol.Settings;

/// <summary>
/// The value of this setting is not a secret: the console, the API, errors and logs may show it. A text, or a list of texts, without this
/// attribute is hidden everywhere. Numbers, durations and enumerations are always shown.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ShownAttribute : Attribute;
