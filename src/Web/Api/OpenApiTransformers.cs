using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>
/// Adds to the OpenAPI document what all operations have in common: authentication, operation ids, descriptions and failures.
/// </summary>
internal static class OpenApiTransformers
{
    private const string Scheme = "token";

    public static Task Document(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info.Title = "NetworkProtocol admin API";
        document.Info.Description = "Everything that the console shows and does.";
        document.Servers = []; // the address of this request is not always the address that other clients can reach
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Scheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "npat_…",
                Description = "A token from the console's Tokens page.",
            },
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] }];
        OpenApiFields.Describe(document);
        return Task.CompletedTask;
    }

    public static async Task Operation(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var method = context.Description.HttpMethod!.ToLowerInvariant();
        var path = context.Description.RelativePath!;
        var words = path["api/v1/".Length..].Split('/', '{', '}').Where(part => part.Length > 0);
        operation.OperationId = method + string.Concat(words.Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            if (OpenApiParameters.Find(path["api/v1/".Length..], parameter.Name!) is { } known)
            {
                (parameter.Description, parameter.Example) = (known.Description, known.Example.DeepClone());
            }
        }

        var problem = await context.GetOrCreateSchemaAsync(typeof(ProblemDetails), null, cancellationToken);
        context.Document!.AddComponent(nameof(ProblemDetails), problem);
        var reference = new OpenApiSchemaReference(nameof(ProblemDetails), context.Document);
        operation.Responses ??= [];
        foreach (var (status, text) in FailuresOf(method, path, operation.RequestBody is not null))
        {
            operation.Responses[status] = new OpenApiResponse
            {
                Description = text,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/problem+json"] = new OpenApiMediaType { Schema = reference },
                },
            };
        }
    }

    private static IEnumerable<(string Status, string Text)> FailuresOf(string method, string path, bool hasBody)
    {
        yield return ("400", "A parameter or the body is wrong; the field detail says what is right.");
        yield return ("401", "The request has no token, or its token is unknown, revoked or expired.");
        yield return ("405", "The path does not support this method; the Allow header lists the methods that it supports.");
        yield return ("500", "The server failed. See the server's log for the reason.");
        if (path.Contains('{'))
        {
            yield return ("404", "There is no such object.");
        }

        if (method != "get")
        {
            yield return ("403", "The token belongs to a viewer, who may not change anything.");
            yield return ("409", "The server's current state does not allow the change.");
        }

        if (hasBody)
        {
            yield return ("413", $"The body has more than {RequestBodies.MaxBytes} bytes.");
            yield return ("415", "The body is not application/json.");
        }
    }
}
