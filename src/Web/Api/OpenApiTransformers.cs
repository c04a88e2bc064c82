using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>What the OpenAPI document says of every operation alike: how to sign in, its id, and how it can fail.</summary>
internal static class Described
{
    private const string Scheme = "token";

    public static Task Document(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info.Title = "NetworkProtocol admin API";
        document.Info.Description = "What the console shows and does.";
        document.Servers = []; // the address that the document was asked at is not always the one that others reach
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Scheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "npat_…", Description = "A token from the console's Tokens page.",
            },
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] }];
        Fields.Describe(document);
        return Task.CompletedTask;
    }

    public static async Task Operation(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var method = context.Description.HttpMethod!.ToLowerInvariant();
        var path = context.Description.RelativePath!;
        operation.OperationId = method + string.Concat(path["api/v1/".Length..].Split('/', '{', '}').Where(part => part.Length > 0).Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            if (Parameters.Find(path["api/v1/".Length..], parameter.Name!) is { } said)
            {
                (parameter.Description, parameter.Example) = (said.Description, said.Example.DeepClone());
            }
        }

        var problem = await context.GetOrCreateSchemaAsync(typeof(ProblemDetails), null, cancellationToken);
        context.Document!.AddComponent(nameof(ProblemDetails), problem);
        operation.Responses ??= [];
        foreach (var (status, text) in FailuresOf(method, path, operation.RequestBody is not null))
        {
            operation.Responses[status] = new OpenApiResponse
            {
                Description = text,
                Content = new Dictionary<string, OpenApiMediaType> { ["application/problem+json"] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(nameof(ProblemDetails), context.Document) } },
            };
        }
    }

    private static IEnumerable<(string Status, string Text)> FailuresOf(string method, string path, bool hasBody)
    {
        yield return ("400", "A parameter or the body is wrong; detail says what would be right.");
        yield return ("401", "No token, or one that is unknown, revoked or expired.");
        yield return ("405", "The path does not support this method; the Allow header lists the methods that it supports.");
        yield return ("500", "The server failed. See the server's log for the reason.");
        if (path.Contains('{'))
        {
            yield return ("404", "There is no such object.");
        }

        if (method != "get")
        {
            yield return ("403", "The token belongs to a viewer, who may not change anything.");
            yield return ("409", "The server's state does not allow it now.");
        }

        if (hasBody)
        {
            yield return ("413", $"The body has more than {RequestBodies.MaxBytes} bytes.");
            yield return ("415", "The body is not application/json.");
        }
    }
}
