using System.Text.Json;
using System.Text.Json.Serialization;

namespace NetworkProtocol.Web.Api;

/// <summary>Registers the services of the API: its OpenAPI document, its JSON and its problem documents.</summary>
internal static class ApiExtensions
{
    public static void AddAdminApi(this IServiceCollection services)
    {
        services.AddProblemDetails();
        services.AddOpenApi("v1", openApi => openApi
            .AddDocumentTransformer(OpenApiTransformers.Document)
            .AddOperationTransformer(OpenApiTransformers.Operation));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.RespectNullableAnnotations = true;

            // A misspelled filter must not match everything.
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        });
    }
}
