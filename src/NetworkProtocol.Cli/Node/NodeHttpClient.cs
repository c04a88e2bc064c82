using System.Net.Http.Headers;
using System.Net.Security;
using NetworkProtocol.Certificates;

namespace NetworkProtocol.Cli.Node;

/// <summary>Makes the HTTP client for a node's <c>/api/v1</c>.</summary>
internal static class NodeHttpClient
{
    private const string ApiPath = "api/v1/";

    /// <summary>Far above a page of 1,000 rows: a larger answer does not come from our server.</summary>
    private const int MaxAnswerBytes = 64 * 1024 * 1024;

    /// <summary>Makes one.</summary>
    /// <exception cref="CommandException">The file of <c>--ca</c> cannot be used.</exception>
    public static HttpClient Create(NodeTarget target)
    {
        var http = new HttpClient(CreateHandler(target))
        {
            BaseAddress = new Uri(target.Url, ApiPath),
            Timeout = target.Timeout,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (target.Token is { } token)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return http;
    }

    private static SocketsHttpHandler CreateHandler(NodeTarget target)
    {
        // A redirect could take the token to another host. A proxy must not see requests that stay on this machine.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = !target.Url.IsLoopback };
        if (target.Insecure)
        {
#pragma warning disable CA5359 // The user asked for it, and NodeTarget has warned of it.
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (target.CaPath is { } path)
        {
            Trust(handler.SslOptions, path);
        }

        return handler;
    }

    private static void Trust(SslClientAuthenticationOptions tls, string path)
    {
        try
        {
            var trusted = TrustAnchors.Read(path);
            tls.CertificateChainPolicy = trusted.CreatePolicy(TimeProvider.System.GetUtcNow());
            tls.RemoteCertificateValidationCallback = (_, _, chain, errors) => trusted.Judge(chain, errors) == SslPolicyErrors.None;
        }
        catch (CertificateException e)
        {
            throw CommandException.Usage($"--ca {path}: {e.Message}");
        }
    }
}
