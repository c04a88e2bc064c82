using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>Writes what <see cref="FieldAttribute"/> says into the OpenAPI document's schemas.</summary>
internal static class Fields
{
    private const string PageSchema = "PageOfOf"; // what the framework calls a PageOf<T>

    private static readonly Dictionary<string, (string Description, object Example)> OfProblems = new()
    {
        ["type"] = ("The kind of problem, as an address that explains the status.", "https://tools.ietf.org/html/rfc9110#section-15.5.1"),
        ["title"] = ("The status in words.", "Bad Request"),
        ["status"] = ("The HTTP status.", 400),
        ["detail"] = ("What is wrong, and what would be right.", "page = -1: must be 1 or more."),
        ["instance"] = ("The address of this occurrence; not used.", "/api/v1/connections"),
    };

    private static readonly Dictionary<string, Type> Types = typeof(FieldAttribute).Assembly.GetTypes().Concat(typeof(Fields).Assembly.GetTypes())
        .Where(type => type.GetProperties().Any(property => property.IsDefined(typeof(FieldAttribute)))).ToDictionary(type => type.Name.Split('`')[0]);

    public static void Describe(OpenApiDocument document)
    {
        foreach (var (name, schema) in document.Components?.Schemas ?? new Dictionary<string, IOpenApiSchema>())
        {
            var type = Types.GetValueOrDefault(name.StartsWith(PageSchema, StringComparison.Ordinal) ? "PageOf" : name);
            foreach (var (field, value) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
            {
                if (name == nameof(ProblemDetails) && OfProblems.TryGetValue(field, out var text))
                {
                    Describe(value, text.Description, text.Example);
                }
                else if (type?.GetProperty(field, BindingFlags.IgnoreCase | BindingFlags.Public | BindingFlags.Instance)?.GetCustomAttribute<FieldAttribute>() is { } said)
                {
                    Describe(value, said.Description, said.Example);
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

        List<JsonNode> examples = [JsonSerializer.SerializeToNode(example)!];
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
