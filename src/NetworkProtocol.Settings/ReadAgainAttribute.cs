namespace NetworkProtocol.Settings;

/// <summary>The setting names a file that the program reads again when the file changes, without a restart.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ReadAgainAttribute : Attribute;
