namespace NetworkProtocol.Web.Admin.Api;

/// <summary>What the OpenAPI document says of a field of the API.</summary>
/// <param name="description">What it holds.</param>
/// <param name="example">A value as it could be; none for a field that has fields of its own.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FieldAttribute(string description, object? example = null) : Attribute
{
    public string Description => description;

    public object? Example => example;
}
