extern alias Client;

using Client::NetworkProtocol.Certificates;
using NetworkProtocol.Client;

namespace NetworkProtocol.Web.Upstreams;

/// <summary>Checks the settings by which this server protects its connections to another one, and reads their files.</summary>
internal static class UplinkTlsCheck
{
    /// <summary>Finds errors: one line each, with key, value and what is allowed.</summary>
    public static IEnumerable<string> Find(
        string key, ClientTransport transport, string caPath, string certificatePath, string keyPath)
    {
        if (FindProblem(() => caPath.Length > 0 ? TrustAnchors.Read(caPath) : null) is { } untrusted)
        {
            yield return $"{key}:CaPath = {caPath}: {untrusted.Message}";
        }

        if (keyPath.Length > 0 && certificatePath.Length == 0)
        {
            yield return $"{key}:KeyPath = {keyPath}: must be set together with CertificatePath";
        }

        var keyFile = keyPath.Length > 0 ? keyPath : certificatePath;
        if (FindProblem(() => certificatePath.Length > 0 ? CertificatePair.Read(certificatePath, keyFile) : null) is { } unusable)
        {
            var setting = unusable.Path == certificatePath ? "CertificatePath" : "KeyPath";
            yield return $"{key}:{setting} = {unusable.Path}: {unusable.Message}";
        }

        if (transport != ClientTransport.Tls && (caPath + certificatePath).Length > 0)
        {
            yield return $"{key}:Transport = {transport}: must be {ClientTransport.Tls} together with CaPath or CertificatePath, "
                + $"because {(transport == ClientTransport.None ? "a bare connection" : "the secure handshake")} verifies no certificate";
        }
    }

    private static CertificateException? FindProblem(Func<object?> read)
    {
        try
        {
            read();
            return null;
        }
        catch (CertificateException e)
        {
            return e;
        }
    }
}
