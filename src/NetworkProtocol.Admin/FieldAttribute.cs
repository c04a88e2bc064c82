namespace NetworkProtocol.Admin;

/// <summary>The description and the example of an API field in the OpenAPI document.</summary>
/// <param name="description">What the field contains.</param>
/// <param name="example">
/// A possible value, as JSON in text for a field that is a map; null for a field that contains an object with its own fields.
/// </param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FieldAttribute(string description, object? example = null) : Attribute
{
    /// <summary>What the field contains.</summary>
    public string Description => description;

    /// <summary>A possible value; null for a field that contains an object with its own fields.</summary>
    public object? Example => example;
}
