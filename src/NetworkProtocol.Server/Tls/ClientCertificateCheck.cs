using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NetworkProtocol.Certificates;

namespace NetworkProtocol.Server.Tls;

/// <summary>Judges the certificate of a TLS client, and says why it is refused.</summary>
internal sealed class ClientCertificateCheck(TrustAnchors authorities, bool isRequired, DateTimeOffset now)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>The policy for the chain that <see cref="FindProblem"/> gets.</summary>
    public X509ChainPolicy CreatePolicy()
    {
        var policy = authorities.CreatePolicy(now);
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return policy;
    }

    /// <summary>Why the client is refused, as a sentence; null if it is not.</summary>
    public string? FindProblem(X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors)
    {
        if (shown is not X509Certificate2 certificate)
        {
            return isRequired ? "The client sent no certificate, although one is required." : null;
        }

        return authorities.Judge(chain, errors) == SslPolicyErrors.None ? null
            : $"The client certificate {Names.Of(certificate)} is refused: {Reason(chain)}.";
    }

    private static string Reason(X509Chain? chain) =>
        ChainFaults.Describe(chain, ofClient: true) is { Length: > 0 } faults ? faults : "it could not be verified";
}
