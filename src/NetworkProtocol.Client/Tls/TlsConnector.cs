using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NetworkProtocol.Certificates;

namespace NetworkProtocol.Client.Tls;

/// <summary>Completes TLS with a server over a stream, and checks the server's certificate.</summary>
internal static class TlsConnector
{
    public static async Task<SslStream> ConnectAsync(
        Stream inner, ServerAddress address, ClientTlsOptions options, CancellationToken cancellationToken)
    {
        var trusted = options.TrustedCertificatesPath is { } path ? Load(() => TrustAnchors.Read(path)) : null;
        var tls = CreateOptions(address, options, trusted);
        var problem = "";
        tls.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            problem = FindProblem(options, tls.TargetHost!, certificate, chain, trusted?.Judge(chain, errors) ?? errors);
            return problem.Length == 0;
        };
        var stream = new SslStream(inner);
        try
        {
            await stream.AuthenticateAsClientAsync(tls, cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or CryptographicException)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            var reason = problem.Length > 0
                ? $"the server's certificate was not accepted: {problem}"
                : (e.InnerException ?? e).Message.TrimEnd('.');
            throw new ProtocolClientException(ProtocolErrorKind.Tls, $"TLS with {address} failed: {reason}.", e);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // TLS itself checks that the server has the certificate's key: without that proof the handshake fails before this method is called.
    private static string FindProblem(
        ClientTlsOptions options, string name, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors != SslPolicyErrors.None && !options.AllowUntrustedServer)
        {
            return Describe(errors, chain, name);
        }

        return options.Pins.Count == 0 || (certificate is X509Certificate2 shown && CertificatePin.Matches(options.Pins, shown))
            ? ""
            : "no pin matches the SHA-256 of the certificate or of its public key";
    }

    private static SslClientAuthenticationOptions CreateOptions(ServerAddress address, ClientTlsOptions options, TrustAnchors? trusted)
    {
        var tls = new SslClientAuthenticationOptions
        {
            TargetHost = options.ServerName ?? address.Host,
            AllowTlsResume = options.AllowResumption,
            CertificateChainPolicy = trusted?.CreatePolicy(TimeProvider.System.GetUtcNow()),
#pragma warning disable CA5398 // The protocol allows these versions and no older ones.
            EnabledSslProtocols = options.MinimumVersion == SslProtocols.Tls13
                ? SslProtocols.Tls13
                : SslProtocols.Tls12 | SslProtocols.Tls13,
#pragma warning restore CA5398
        };
        if (options.ClientCertificatePath is { } certificate)
        {
            var pair = Load(() => CertificatePair.Read(certificate, options.ClientKeyPath ?? certificate));
            tls.ClientCertificateContext = pair.CreateContext();
        }

        return tls;
    }

    private static T Load<T>(Func<T> load)
    {
        try
        {
            return load();
        }
        catch (CertificateException e)
        {
            throw new ProtocolClientException(ProtocolErrorKind.Tls, $"The file '{e.Path}' cannot be used: it {e.Message}.", e);
        }
    }

    private static string Describe(SslPolicyErrors errors, X509Chain? chain, string name)
    {
        var problems = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            problems.Add("the server sent no certificate");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            problems.Add($"the certificate is not valid for '{name}'");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            var status = chain?.ChainStatus.Select(s => s.StatusInformation.Trim().TrimEnd('.')).Distinct() ?? [];
            problems.Add(string.Join(", ", status.DefaultIfEmpty("the certificate's chain is not trusted")));
        }

        return string.Join("; ", problems);
    }
}
