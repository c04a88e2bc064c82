using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace NetworkProtocol.Admin;

/// <summary>Sends requests to the API, and converts its responses to outcomes and exceptions.</summary>
internal sealed class NodeHttp(HttpClient http)
{
    private static readonly MediaTypeHeaderValue JsonType = new("application/json", "utf-8");

    public static HttpContent Json<T>(T value, JsonTypeInfo<T> type) =>
        new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(value, type)) { Headers = { ContentType = JsonType } };

    /// <exception cref="NodeException">The node cannot be reached, or its response is an error or not from the admin API.</exception>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        Read(await SendAsync(HttpMethod.Get, path, null, cancellationToken), type);

    /// <summary>Requests a change.</summary>
    public async Task<Outcome> ChangeAsync(HttpMethod method, Func<string> path, HttpContent? body, CancellationToken cancellationToken)
    {
        try
        {
            var done = Read(await SendAsync(method, path(), body, cancellationToken), AdminJsonContext.Default.Done);
            return Outcome.Done(done.Text, done.Count) with { Secret = done.Secret };
        }
        catch (NodeException e)
        {
            return new Outcome(e.Kind, e.Message);
        }
    }

    private async Task<byte[]> SendAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return response.IsSuccessStatusCode ? bytes : throw Refusal(response, bytes);
        }
        catch (HttpRequestException e)
        {
            var kind = e.HttpRequestError == HttpRequestError.SecureConnectionError ? OutcomeKind.Untrusted : OutcomeKind.Unreachable;
            throw new NodeException(kind, $"cannot reach {Name}: {e.GetBaseException().Message}", e);
        }
        catch (TaskCanceledException e) when (e.InnerException is TimeoutException)
        {
            throw new NodeException(OutcomeKind.Unreachable, $"no answer from {Name} within {http.Timeout:g}", e);
        }
    }

    private string Name => http.BaseAddress?.GetLeftPart(UriPartial.Authority) ?? "the node";

    private T Read<T>(byte[] bytes, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, type) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new NodeException(OutcomeKind.NotTheApi, $"{Name} does not answer like the admin API", e);
        }
    }

    private NodeException Refusal(HttpResponseMessage response, byte[] bytes)
    {
        var kind = response.StatusCode switch
        {
            HttpStatusCode.BadRequest => OutcomeKind.Invalid,
            HttpStatusCode.Unauthorized => OutcomeKind.NotSignedIn,
            HttpStatusCode.Forbidden => OutcomeKind.NotAllowed,
            HttpStatusCode.NotFound => OutcomeKind.NotFound,
            HttpStatusCode.Conflict => OutcomeKind.Conflict,
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => OutcomeKind.Redirected,
            _ => OutcomeKind.Failed,
        };
        return kind == OutcomeKind.Redirected
            ? new NodeException(
                kind,
                $"{Name} redirects to {response.Headers.Location?.OriginalString ?? "?"}; the token is not sent to that address")
            : Detail(response, bytes) is { } detail
                ? new NodeException(kind, detail)
                : new NodeException(
                    kind is OutcomeKind.NotSignedIn or OutcomeKind.NotAllowed or OutcomeKind.Invalid ? kind : OutcomeKind.NotTheApi,
                    $"{Name} answers {(int)response.StatusCode} {response.ReasonPhrase}");
    }

    private static string? Detail(HttpResponseMessage response, byte[] bytes)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(bytes, ProblemJson.Default.Problem)?.Detail;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
