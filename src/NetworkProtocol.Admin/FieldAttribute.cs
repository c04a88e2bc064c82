namespace NetworkProtocol.Admin;

/// <summary>What the OpenAPI document says of a field of the API.</summary>
/// <param name="description">What it holds.</param>
/// <param name="example">A value as it could be; none for a field that has fields of its own.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FieldAttribute(string description, object? example = null) : Attribute
{
    /// <summary>What it holds.</summary>
    public string Description => description;

    /// <summary>A value as it could be, or null.</summary>
    public object? Example => example;
}
