using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Tls;

namespace NetworkProtocol.Server.Tls;

/// <summary>Sets the defaults that depend on the environment: the TLS mode and the certificate for development.</summary>
internal sealed class TlsDefaults(IHostEnvironment environment, TimeProvider time) : IPostConfigureOptions<ServerOptions>
{
    public void PostConfigure(string? name, ServerOptions options)
    {
        var tls = options.Tls;
        tls.Mode ??= environment.IsDevelopment() ? TlsMode.Optional : TlsMode.Required;
        if (environment.IsDevelopment() && tls.Mode != TlsMode.Disabled && tls.CertificatePath.Length == 0 && tls.KeyPath.Length == 0)
        {
            (tls.CertificatePath, tls.KeyPath) = DevelopmentCertificate.Ensure(time);
        }
    }
}
