using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using NetworkProtocol.Certificates;
using NetworkProtocol.Server.Transport;

namespace NetworkProtocol.Server.Tls;

/// <summary>
/// Tries a certificate in real TLS handshakes in memory, one for each version, because a certificate that loads may still not work. The
/// client of these handshakes judges as our client library does, except for what a server cannot know or has judged itself: which roots a
/// client trusts, by which name it calls the server, and the time.
/// </summary>
internal static class TrialHandshake
{
    private const X509VerificationFlags NotJudged =
        X509VerificationFlags.AllowUnknownCertificateAuthority | X509VerificationFlags.IgnoreNotTimeValid;

    private static readonly (SslProtocols Version, string Name)[] Versions =
        [(SslProtocols.Tls13, "TLS 1.3"), (SslProtocols.Tls12, "TLS 1.2")];

    /// <exception cref="CertificateException">A handshake failed.</exception>
    public static async Task RunAsync(string path, ServerCertificate certificate, CancellationToken cancellationToken)
    {
        foreach (var (version, name) in Versions)
        {
            if (await FindProblemAsync(certificate, version, cancellationToken) is { } problem)
            {
                throw new CertificateException(
                    path, $"must be a certificate that {name} works with; a handshake in memory failed: {problem}");
            }
        }
    }

    private static async Task<string?> FindProblemAsync(
        ServerCertificate certificate, SslProtocols version, CancellationToken cancellationToken)
    {
        var (toServer, toClient) = (new Pipe(), new Pipe());
        await using var server = new SslStream(new DuplexStream(toServer.Reader, toClient.Writer));
        await using var client = new SslStream(new DuplexStream(toClient.Reader, toServer.Writer));
        string? refusal = null;
        try
        {
            var options = certificate.CreateHandshakeOptions();
            options.AllowTlsResume = false;
            await Task.WhenAll(
                RunSideAsync(server, server.AuthenticateAsServerAsync(options, cancellationToken)),
                RunSideAsync(
                    client, client.AuthenticateAsClientAsync(ClientOptions(version, problem => refusal = problem), cancellationToken)));
            return null;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or NotSupportedException)
        {
            return refusal ?? e.GetBaseException().Message.TrimEnd('.');
        }
    }

    // The other side would wait for an answer for ever, unless this side closes its stream.
    private static async Task RunSideAsync(SslStream side, Task handshake)
    {
        try
        {
            await handshake;
        }
        catch
        {
            await side.DisposeAsync();
            throw;
        }
    }

    private static SslClientAuthenticationOptions ClientOptions(SslProtocols version, Action<string> refuse) => new()
    {
        TargetHost = "localhost",
        EnabledSslProtocols = version,
        AllowTlsResume = false,
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationFlags = NotJudged,
        },
        RemoteCertificateValidationCallback = (_, _, chain, errors) =>
        {
            var isGood = !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors);
            if (!isGood)
            {
                refuse(ChainFaults.Describe(chain, ofClient: false));
            }

            return isGood;
        },
    };
}
