using System.Net;
using System.Text;
using System.Text.Json;

namespace Integration.Tests.Console;

/// <summary>The API's descriptions of problems.</summary>
public sealed class ApiProblemTests
{
    [Fact]
    public async Task Every_error_is_a_problem_that_says_what_would_be_right_and_is_kept_nowhere()
    {
        await using var server = await ConsoleServer.StartAsync();
        using var session = await AdminSession.SignInAsync(server);
        var viewer = await session.CreateTokenAsync("looks", "viewer");
        var token = await session.CreateTokenAsync("robot", "operator");
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = server.Http,
        };
        foreach (var (method, path, body, bearer, status, text) in ((string, string, string?, string?, int, string)[])
        [
            ("GET", "/api/v1/status", null, null, 401, "Authorization"),
            ("GET", "/api/v1/status", null, "npat_wrong", 401, "revoked"),
            ("GET", "/api/v1/nothing", null, token, 404, "/api/v1/nothing"),
            ("GET", "/api/v1/connections/node-1/999", null, token, 404, "node-1/999"),
            ("GET", "/api/v1/connections/node-1/abc", null, token, 404, "abc"),
            ("GET", "/api/v1/connections/node-2/1", null, token, 404, "This is the node node-1, not node-2"),
            ("DELETE", "/api/v1/connections/node-2/1", null, token, 404, "This is the node node-1, not node-2"),
            ("GET", "/api/v1/connections/42", null, token, 404, "/api/v1/connections/node-1/42"),
            ("DELETE", "/api/v1/connections/42", null, token, 404, "/api/v1/connections/node-1/42"),
            ("GET", "/api/v1/connections/abc", null, token, 404, "abc"),
            ("PUT", "/api/v1/status", "{}", token, 405, "GET"),
            ("POST", "/api/v1/bans", "not json", token, 400, "JSON"),
            ("POST", "/api/v1/bans", "{}", token, 400, "target"),
            ("POST", "/api/v1/bans", "{\"target\":1,\"reason\":\"x\"}", token, 400, "target: must be a text"),
            ("POST", "/api/v1/tokens", "{\"name\":\"x\",\"role\":7,\"lifetime\":\"01:00:00\"}", token, 400, "viewer or operator"),
            ("POST", "/api/v1/drain", "{\"perSecond\":\"many\",\"deadline\":\"00:00:01\"}",
                token, 400, "perSecond: must be a whole number"),
            ("POST", "/api/v1/bans", null, token, 400, "body"),
            ("DELETE", "/api/v1/drain", null, viewer, 403, "viewer"),
            ("GET", "/api/v1/connections?adress=1", null, token, 400, "address"),
            ("GET", "/api/v1/status?x=1", null, token, 400, "no parameters"),
            ("GET", "/api/v1/connections?address=1&address=2", null, token, 400, "once"),
            ("GET", "/api/v1/connections?page=-1", null, token, 400, "1 or more"),
            ("GET", "/api/v1/connections?page=many", null, token, 400, "page = many: must be a whole number"),
            ("GET", "/api/v1/connections?descending=perhaps", null, token, 400, "true or false"),
            ("GET", "/api/v1/connections?address=10.0.0.0/99", null, token, 400, "10.0.0.0/8"),
            ("GET", "/api/v1/connections?address=nonsense", null, token, 400, "10.0.0.0/8"),
            ("GET", "/api/v1/connections?address=300.1.1.1", null, token, 400, "10.0.0.0/8"),
            ("GET", "/api/v1/connections?minAge=soon", null, token, 400, "hh:mm:ss"),
            ("GET", "/api/v1/connections?minAge=20&maxAge=10", null, token, 400, "at most maxAge"),
            ("GET", "/api/v1/errors?kind=nonsense", null, token, 400, "unknown_command"),
            ("GET", "/api/v1/errors?connection=42", null, token, 400, "connection = 42: must be a node and a number, as node-1/42"),
            ("GET", "/api/v1/errors?connection=node-1/-3", null, token, 400, "as node-1/42"),
            ("GET", "/api/v1/errors?connection=node-2/42", null, token, 400, "This is the node node-1"),
            ("GET", "/api/v1/audit?sort=who", null, token, 400, "leave sort out"),
            ("GET", "/api/v1/series?range=1y", null, token, 400, "15m"),
        ])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
            request.Headers.Add("Accept", "text/html, application/json");
            request.Headers.Host = "evil.example";
            if (bearer is not null)
            {
                request.Headers.Authorization = new("Bearer", bearer);
            }

            using var answer = await http.SendAsync(request);
            var said = await answer.Content.ReadAsStringAsync();
            Assert.Equal(
                (path, (HttpStatusCode)status, "application/problem+json", "no-store"),
                (path, answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, answer.Headers.CacheControl?.ToString()));
            Assert.Contains(text, JsonDocument.Parse(said).RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
            Assert.DoesNotContain("NetworkProtocol.", said, StringComparison.Ordinal);
            Assert.DoesNotContain("System.", said, StringComparison.Ordinal);
        }

        using var form = new HttpRequestMessage(HttpMethod.Post, "/api/v1/bans")
        {
            Content = new StringContent("x", Encoding.UTF8, "text/plain"),
        };
        form.Headers.Authorization = new("Bearer", token);
        using var unsupported = await http.SendAsync(form);
        Assert.Equal(
            (HttpStatusCode.UnsupportedMediaType, "application/problem+json"),
            (unsupported.StatusCode, unsupported.Content.Headers.ContentType?.MediaType));
        using var page = new HttpRequestMessage(HttpMethod.Get, "/connections");
        page.Headers.Add("Accept", "text/html");
        page.Headers.Host = "evil.example";
        using var redirect = await http.SendAsync(page);
        Assert.Equal("/sign-in?returnUrl=%2Fconnections", redirect.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task The_document_names_every_operation_how_to_sign_in_and_how_it_fails()
    {
        await using var server = await ConsoleServer.StartAsync();
        using var session = await AdminSession.SignInAsync(server);
        using var document = JsonDocument.Parse(await session.Http.GetStringAsync("/openapi/v1.json"));
        var root = document.RootElement;
        Assert.Equal(
            "bearer", root.GetProperty("components").GetProperty("securitySchemes").GetProperty("token").GetProperty("scheme").GetString());
        Assert.NotEmpty(root.GetProperty("security").EnumerateArray());
        var operations = root.GetProperty("paths").EnumerateObject()
            .Where(path => path.Name.StartsWith("/api/v1", StringComparison.Ordinal))
            .SelectMany(path => path.Value.EnumerateObject()).ToArray();
        Assert.Equal(
            operations.Length, operations.Select(operation => operation.Value.GetProperty("operationId").GetString()).Distinct().Count());
        Assert.All(operations, operation =>
        {
            Assert.True(operation.Value.TryGetProperty("summary", out _), operation.Value.GetProperty("operationId").GetString());
            var statuses = operation.Value.GetProperty("responses").EnumerateObject().Select(response => response.Name).ToArray();
            Assert.Superset(new HashSet<string> { "200", "400", "401", "405", "500" }, statuses.ToHashSet());
            Assert.Equal(operation.Value.TryGetProperty("requestBody", out _), statuses.Contains("413") && statuses.Contains("415"));
        });
    }

    [Fact]
    public async Task Every_field_and_every_parameter_has_a_description_and_an_example()
    {
        await using var server = await ConsoleServer.StartAsync();
        using var session = await AdminSession.SignInAsync(server);
        using var document = JsonDocument.Parse(await session.Http.GetStringAsync("/openapi/v1.json"));
        var problems = new List<string>();
        var schemas = document.RootElement.GetProperty("components").GetProperty("schemas").EnumerateObject().ToArray();
        foreach (var schema in schemas)
        {
            Judge(schema.Name, schema.Value);
        }

        foreach (var path in document.RootElement.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                JudgeOperation($"{operation.Name} {path.Name}", operation.Value);
            }
        }

        Assert.Empty(problems);
        Assert.Superset(
            new HashSet<string> { "Status", "ConnectionRow", "BanRequest", "AuditEntry", "Done", "ProblemDetails" },
            schemas.Select(schema => schema.Name).ToHashSet());

        // The parameters, request bodies and responses of an operation.
        void JudgeOperation(string name, JsonElement operation)
        {
            foreach (var parameter in operation.TryGetProperty("parameters", out var list) ? list.EnumerateArray() : default)
            {
                Require($"{name} {parameter.GetProperty("name").GetString()}", parameter, needsExample: true);
            }

            foreach (var response in operation.GetProperty("responses").EnumerateObject())
            {
                Judge(
                    $"{name} {response.Name}", response.Value.GetProperty("content").EnumerateObject().First().Value.GetProperty("schema"));
            }
        }

        // Each field of each schema. A field that is an object needs no example.
        void Judge(string name, JsonElement schema)
        {
            foreach (var field in schema.TryGetProperty("properties", out var fields) ? fields.EnumerateObject() : default)
            {
                var isObject = field.Value.GetRawText().Contains("\"$ref\": \"#/components/schemas/", StringComparison.Ordinal);
                Require($"{name}.{field.Name}", field.Value, needsExample: !isObject || IsEnum(field.Value));
                Judge($"{name}.{field.Name}", field.Value);
            }
        }

        bool IsEnum(JsonElement field) => field.TryGetProperty("$ref", out var reference)
            && Array.Find(schemas, schema => reference.GetString()!.EndsWith($"/{schema.Name}", StringComparison.Ordinal))
                .Value.TryGetProperty("enum", out _);

        void Require(string name, JsonElement element, bool needsExample)
        {
            if (!element.TryGetProperty("description", out var description) || description.GetString()!.Length < 3)
            {
                problems.Add($"{name} has no description");
            }

            if (needsExample && !element.TryGetProperty("example", out _) && !element.TryGetProperty("examples", out _))
            {
                problems.Add($"{name} has no example");
            }
        }
    }
}
