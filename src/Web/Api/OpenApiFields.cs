using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>Adds the descriptions and examples of <see cref="FieldAttribute"/> to the schemas of the OpenAPI document.</summary>
internal static class OpenApiFields
{
    // The framework's names of PageOf<T> and HubSlice<T> begin with these.
    private const string PageSchema = "PageOfOf";
    private const string SliceSchema = "HubSliceOf";

    private const BindingFlags AnyCase = BindingFlags.IgnoreCase | BindingFlags.Public | BindingFlags.Instance;

    private static readonly Dictionary<string, (string Description, object Example)> OfProblems = new()
    {
        ["type"] = ("The kind of problem, as an address that explains the status.", "https://tools.ietf.org/html/rfc9110#section-15.5.1"),
        ["title"] = ("The status in words.", "Bad Request"),
        ["status"] = ("The HTTP status.", 400),
        ["detail"] = ("What is wrong, and what is right.", "page = -1: must be 1 or more."),
        ["instance"] = ("The address of this occurrence of the problem; not used.", "/api/v1/connections"),
    };

    private static readonly Dictionary<string, Type> Types = typeof(FieldAttribute).Assembly.GetTypes()
        .Concat(typeof(OpenApiFields).Assembly.GetTypes())
        .Where(type => type.GetProperties().Any(property => property.IsDefined(typeof(FieldAttribute))))
        .ToDictionary(type => type.Name.Split('`')[0]);

    public static void Describe(OpenApiDocument document)
    {
        foreach (var (name, schema) in document.Components?.Schemas ?? new Dictionary<string, IOpenApiSchema>())
        {
            var type = Types.GetValueOrDefault(
                name.StartsWith(PageSchema, StringComparison.Ordinal) ? "PageOf"
                : name.StartsWith(SliceSchema, StringComparison.Ordinal) ? "HubSlice"
                : name);
            foreach (var (field, value) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
            {
                if (name == nameof(ProblemDetails) && OfProblems.TryGetValue(field, out var text))
                {
                    Describe(value, text.Description, text.Example);
                }
                else if (type?.GetProperty(field, AnyCase)?.GetCustomAttribute<FieldAttribute>() is { } attribute)
                {
                    Describe(value, attribute.Description, attribute.Example);
                }
            }
        }
    }

    private static void Describe(IOpenApiSchema field, string description, object? example)
    {
        field.Description = description;
        if (example is null)
        {
            return;
        }

        List<JsonNode> examples =
        [
            field.AdditionalProperties is not null && example is string map
                ? JsonNode.Parse(map)!
                : JsonSerializer.SerializeToNode(example)!,
        ];
        if (field is OpenApiSchema schema)
        {
            schema.Examples = examples;
        }
        else if (field is OpenApiSchemaReference reference)
        {
            reference.Examples = examples;
        }
    }
}
