using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using NetworkProtocol.Certificates;

namespace NetworkProtocol.Cli.Admin;

/// <summary>Asks the server's <c>/api/v1</c>.</summary>
internal sealed class AdminClient : IDisposable
{
    private const string ApiPath = "api/v1/";

    /// <summary>A page of 1,000 rows is far below; whoever answers more is not our server.</summary>
    private const int MaxAnswerBytes = 64 * 1024 * 1024;

    private readonly HttpClient _http;
    private readonly AdminTarget _target;

    public AdminClient(AdminTarget target)
    {
        _target = target;
        _http = new HttpClient(CreateHandler(target))
        {
            BaseAddress = new Uri(target.Url, ApiPath),
            Timeout = target.Timeout,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (target.Token is { } token)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>The address, for people.</summary>
    public string Name => _target.Url.GetLeftPart(UriPartial.Authority);

    /// <summary>A path of the API with what was given of a query.</summary>
    public static string Path(string path, IEnumerable<(string Name, string? Value)> query)
    {
        var given = query.Where(part => part.Value is not null).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}").ToArray();
        return given.Length == 0 ? path : $"{path}?{string.Join('&', given)}";
    }

    public Task<Answer> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <exception cref="AdminException">The server cannot be reached, or says no.</exception>
    public async Task<Answer> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return response.IsSuccessStatusCode ? Read(text) : throw Refusal(response, text);
        }
        catch (HttpRequestException e)
        {
            throw AdminException.Failed($"cannot reach {Name}: {Reason(e)}", e);
        }
        catch (TaskCanceledException e) when (e.InnerException is TimeoutException)
        {
            throw AdminException.Failed($"no answer from {Name} within {_target.Timeout:g}", e);
        }
    }

    public void Dispose() => _http.Dispose();

    private static SocketsHttpHandler CreateHandler(AdminTarget target)
    {
        // A redirect could take the token to another host, and a proxy has no business with what stays on this machine.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = !target.Url.IsLoopback };
        if (target.Insecure)
        {
#pragma warning disable CA5359 // It is what was asked for, and AdminTarget has warned of it.
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
            throw AdminException.Usage($"--ca {path}: {e.Message}");
        }
    }

    private Answer Read(string text)
    {
        try
        {
            return Answer.Parse(text);
        }
        catch (JsonException e)
        {
            throw AdminException.Failed($"{Name} does not answer like the admin API: check --url", e);
        }
    }

    private AdminException Refusal(HttpResponseMessage response, string text)
    {
        var detail = Detail(response, text);
        return response.StatusCode switch
        {
            HttpStatusCode.BadRequest => AdminException.Usage(detail ?? "the server did not understand the request"),
            HttpStatusCode.Unauthorized => AdminException.Failed(_target.Token is null
                ? $"{Name} requires a token: set NETPROTO_TOKEN or --token-file"
                : $"{Name} does not accept the token: the token is wrong, revoked or expired; an operator can create a new one in the console"),
            HttpStatusCode.Forbidden => AdminException.Failed($"{detail ?? "the server refused it."} Set an operator's token: a viewer's cannot change anything."),
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => AdminException.Failed(
                $"{Name} sends elsewhere, to {response.Headers.Location?.OriginalString ?? "?"}; the token is not sent to that address: if you trust the address, set it with --url"),
            var status => AdminException.Failed(detail ?? $"{Name} answers {(int)status} {response.ReasonPhrase}: check --url"),
        };
    }

    private static string? Detail(HttpResponseMessage response, string text)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(text) is JsonObject problem && problem["detail"] is JsonValue detail && detail.TryGetValue<string>(out var said) ? said : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Reason(HttpRequestException e) => e.HttpRequestError == HttpRequestError.SecureConnectionError
        ? $"{e.GetBaseException().Message} (--ca trusts an authority of your own)"
        : e.GetBaseException().Message;
}
