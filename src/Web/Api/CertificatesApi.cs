using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>Certificates.</summary>
internal static class CertificatesApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/certificates", async (string? format, INodeView node, CancellationToken cancellationToken) =>
            Listing.Whole("certificates", await node.CertificatesAsync(cancellationToken), format)).Produces<CertificateRow[]>()
            .WithSummary("The certificates in use.");
        api.MapPost("/certificates/reload", (HttpContext context, CancellationToken cancellationToken) => context.Actions().ReloadCertificatesAsync(cancellationToken).AnswerAsync())
            .Produces<Done>().WithSummary("Reads the certificate files again.");
    }
}
