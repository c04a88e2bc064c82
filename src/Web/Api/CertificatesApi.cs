using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>The operations of <c>/api/v1/certificates</c>.</summary>
internal static class CertificatesApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/certificates", async (string? format, INodeView node, CancellationToken cancellationToken) =>
            ListResults.Whole("certificates", await node.CertificatesAsync(cancellationToken), format)).Produces<CertificateRow[]>()
            .WithSummary("The certificates in use.");
        api.MapPost("/certificates/reload", (HttpContext context, CancellationToken cancellationToken) =>
            context.Actions().ReloadCertificatesAsync(cancellationToken).ToResultAsync())
            .Produces<Done>().WithSummary("Reads the certificate files again.");
    }
}
