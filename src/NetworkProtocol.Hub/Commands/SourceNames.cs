using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Hub.Commands;

/// <summary>Decides under which names a client may send.</summary>
internal sealed class SourceNames(IOptions<HubOptions> options, IHostEnvironment environment)
{
    private readonly bool _allowsUnauthenticated = options.Value.AllowUnauthenticatedSources ?? environment.IsDevelopment();

    /// <returns>The identity that the store remembers for the source: empty for a client without a certificate.</returns>
    /// <exception cref="SourceRefusedException">The client may not send under this name.</exception>
    public string IdentityOf(ClientIdentity client, string source)
    {
        var hasCertificate = client.Kind is ClientIdentityKind.CertificateUri or ClientIdentityKind.CertificateDns
            or ClientIdentityKind.CertificateCommonName;
        if (hasCertificate)
        {
            return client.Name == source ? client.ToString()
                : throw new SourceRefusedException(
                    $"The source must have the name of the client's certificate, {client.Name}; the message names another source.");
        }

        return _allowsUnauthenticated ? ""
            : throw new SourceRefusedException(
                $"The hub needs a client certificate that names the source ({HubOptions.Section}:AllowUnauthenticatedSources is false).");
    }
}
