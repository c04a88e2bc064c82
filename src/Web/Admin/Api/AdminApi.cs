using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Mvc;
using NetworkProtocol.Server;
using NetworkProtocol.Web.Admin.Access;
using NetworkProtocol.Web.Admin.Audit;
using NetworkProtocol.Web.Admin.Reading;
using NetworkProtocol.Web.Health;

namespace NetworkProtocol.Web.Admin.Api;

/// <summary><c>/api/v1</c>: what the console shows and does, as JSON; lists also as CSV with <c>format=csv</c>.</summary>
internal static class AdminApi
{
    public const string Path = "/api/v1";

    public static void MapAdminApi(this WebApplication app)
    {
        var api = app.MapGroup(Path).AddEndpointFilter(RequireFormToken).AddEndpointFilterFactory(KnownQuery.Require).WithTags("Admin");
        MapReading(api);
        MapLists(api);
        MapConnections(api);
        MapBans(api);
        MapServer(api);
        MapTokens(api);
        app.MapOpenApi("/openapi/{documentName}.json");
    }

    private static void MapReading(RouteGroupBuilder api)
    {
        api.MapGet("/status", (ReadModel model) => model.Status()).WithSummary("The server in numbers.");
        api.MapGet("/series", SeriesOf).Produces<Series>().WithSummary("The charts' points: range=15m by second, or 24h by ten seconds.");
        api.MapGet("/connections/{node}/{id:long}", (string node, long id, ReadModel model, ServerState state) =>
            model.Connection(new(node, id)) is { } detail ? Results.Ok(detail)
            : NotFound(MissingConnection.Text(new(node, id), state.NodeId)))
            .Produces<ConnectionDetail>().ProducesProblem(StatusCodes.Status404NotFound).WithSummary("One open connection with all details.");
        api.MapGet("/drain", (ReadModel model) => model.Drain()).WithSummary("How far a drain is.");
        api.MapGet("/antiforgery", (HttpContext context, IAntiforgery antiforgery) =>
            new FormToken(AccessExtensions.AntiforgeryHeader, antiforgery.GetAndStoreTokens(context).RequestToken!))
            .WithSummary("The token that a change needs when it comes with the console's cookie.");
    }

    private static void MapLists(RouteGroupBuilder api)
    {
        api.MapGet("/connections", ([AsParameters] FilterQuery filter, [AsParameters] PagingQuery paging, string? format, ReadModel model) =>
            Listing.Paged("connections", filter.ToFilter(), paging.ToPaging(), format, closed: false, ReadModel.ConnectionColumns.Keys, model.Connections))
            .Produces<PageOf<ConnectionRow>>().ProducesProblem(StatusCodes.Status400BadRequest).WithSummary("Open connections.");
        api.MapGet("/closed", ([AsParameters] FilterQuery filter, [AsParameters] PagingQuery paging, string? format, ReadModel model) =>
            Listing.Paged("closed", filter.ToFilter(), paging.ToPaging(), format, closed: true, ReadModel.ClosedColumns.Keys, model.Closed))
            .Produces<PageOf<ClosedRow>>().ProducesProblem(StatusCodes.Status400BadRequest).WithSummary("The last 10,000 closed connections, newest first.");
        api.MapGet("/errors", (string? kind, string? text, string? connection, [AsParameters] PagingQuery paging, string? format, ReadModel model) =>
            Listing.Errors(
                new ErrorFilter { Kind = Given(kind), Text = Given(text), Connection = Given(connection) },
                paging.ToPaging(), format, model))
            .Produces<PageOf<ErrorRow>>().ProducesProblem(StatusCodes.Status400BadRequest).WithSummary("The last 10,000 errors, newest first.");
        api.MapGet("/errors/kinds", (string? format, ReadModel model) => Listing.Whole("error-kinds", model.ErrorKinds(), format)).Produces<ErrorKindRow[]>()
            .WithSummary("How many of the last 10,000 errors are of each kind.");
        api.MapGet("/breakers", (string? format, ReadModel model) => Listing.Whole("breakers", model.Breakers(), format)).Produces<BreakerRow[]>()
            .WithSummary("The circuit breakers.");
        api.MapGet("/bans", (string? format, ReadModel model) => Listing.Whole("bans", model.Bans(), format)).Produces<BanRow[]>()
            .WithSummary("The bans, the newest first.");
        api.MapGet("/certificates", (string? format, ReadModel model) => Listing.Whole("certificates", model.Certificates(), format)).Produces<CertificateRow[]>()
            .WithSummary("The certificates in use.");
        api.MapGet("/configuration", (string? format, ConfigurationView view) => Listing.Whole("configuration", view.Settings(), format)).Produces<SettingRow[]>()
            .WithSummary("The settings in effect; secrets are hidden.");
        api.MapGet("/health", (string? format, HealthHistory history) => Listing.Whole("health", history.Checks, format)).Produces<CheckRow[]>()
            .WithSummary("The health checks, the worst first.");
        api.MapGet("/tokens", (string? format, ReadModel model) => Listing.Whole("tokens", model.Tokens(), format)).Produces<TokenRow[]>()
            .WithSummary("The tokens of this API, without their secrets.");
        api.MapGet("/audit", ([AsParameters] PagingQuery paging, string? format, AuditLog audit) =>
            Listing.Paged("audit", paging.ToPaging(), format, [], page =>
                page.Take(audit.Recent, new Dictionary<string, Func<AuditEntry, IComparable?>>(), entry => entry)))
            .Produces<PageOf<AuditEntry>>().WithSummary("Who did what, newest first.");
    }

    private static void MapConnections(RouteGroupBuilder api)
    {
        api.MapDelete("/connections/{node}/{id:long}", async (string node, long id, HttpContext context, Operations operations) =>
            Answer(await operations.DisconnectAsync(ActorOf(context), new(node, id)))).Produces<Done>().WithSummary("Ends a connection.");
        api.MapMethods("/connections/{id:long}", [HttpMethods.Get, HttpMethods.Delete], (long id, ServerState state) =>
            NotFound(MissingConnection.WithoutNode(state.KeyOf(id)))).ExcludeFromDescription();
        api.MapPost("/connections/disconnect", async (DisconnectRequest request, HttpContext context, Operations operations) =>
            Answer(await operations.DisconnectMatchingAsync(ActorOf(context), request)))
            .Produces<Done>().WithSummary("Ends all open connections that match, at a rate; expected is the count that you have seen.");
        api.MapDelete("/connections/disconnect", async (HttpContext context, Operations operations) =>
            Answer(await operations.StopDisconnectingAsync(ActorOf(context)))).Produces<Done>().WithSummary("Stops ending connections: those that were not asked to leave yet stay.");
    }

    private static void MapBans(RouteGroupBuilder api)
    {
        api.MapPost("/bans", async (BanRequest request, HttpContext context, Operations operations) =>
            Answer(await operations.BanAsync(ActorOf(context), request.Target, request.Duration, request.Reason)))
            .Produces<Done>().WithSummary("Bans an address, a network or a certificate (SHA-256), and ends its connections.");
        api.MapDelete("/bans/{id}", async (string id, HttpContext context, Operations operations) =>
            Answer(await operations.UnbanAsync(ActorOf(context), id)))
            .Produces<Done>().WithSummary("Lifts a ban.");
    }

    private static void MapServer(RouteGroupBuilder api)
    {
        api.MapPost("/breakers/{name}/isolate", async (string name, HttpContext context, Operations operations) =>
            Answer(await operations.IsolateAsync(ActorOf(context), WithSlashes(name))))
            .Produces<Done>().WithSummary("Opens a breaker until it is reset: no call is made.");
        api.MapPost("/breakers/{name}/reset", async (string name, HttpContext context, Operations operations) =>
            Answer(await operations.ResetAsync(ActorOf(context), WithSlashes(name))))
            .Produces<Done>().WithSummary("Closes a breaker: calls are made again.");
        api.MapPost("/certificates/reload", async (HttpContext context, Operations operations) =>
            Answer(await operations.ReloadCertificatesAsync(ActorOf(context))))
            .Produces<Done>().WithSummary("Reads the certificate files again.");
        api.MapPost("/drain", async (DrainRequest request, HttpContext context, Operations operations) =>
            Answer(await operations.DrainAsync(ActorOf(context), request.PerSecond, request.Deadline)))
            .Produces<Done>().WithSummary("Drains the server: it reports not ready, refuses new connections, asks clients to leave at the given rate, and ends the remaining connections at the deadline.");
        api.MapDelete("/drain", async (HttpContext context, Operations operations) => Answer(await operations.UndoDrainAsync(ActorOf(context))))
            .Produces<Done>().WithSummary("Undoes the drain: the server accepts connections again.");
    }

    private static void MapTokens(RouteGroupBuilder api)
    {
        api.MapPost("/tokens", async (TokenRequest request, HttpContext context, Operations operations) =>
            Answer(await operations.CreateTokenAsync(ActorOf(context), request.Name, request.Role, request.Lifetime)))
            .Produces<Done>().WithSummary("Creates a token for this API. Only this answer contains the secret.");
        api.MapDelete("/tokens/{name}", async (string name, HttpContext context, Operations operations) =>
            Answer(await operations.RevokeTokenAsync(ActorOf(context), name)))
            .Produces<Done>().WithSummary("Revokes a token.");
    }

    // Another site's form cannot have the header; a token's bearer has shown who it is already.
    private static async ValueTask<object?> RequireFormToken(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        var changes = !HttpMethods.IsGet(context.Request.Method);
        if (changes && context.User.Identity?.AuthenticationType == CookieAuthenticationDefaults.AuthenticationScheme
            && !await context.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context))
        {
            return Results.Problem($"A change needs the header {AccessExtensions.AntiforgeryHeader} with a token from {Path}/antiforgery.", statusCode: StatusCodes.Status400BadRequest);
        }

        return await next(invocation);
    }

    private static IResult SeriesOf(string? range, Sampler sampler, TimeProvider time)
    {
        var ring = range switch
        {
            null or "15m" => sampler.Seconds,
            "24h" => sampler.Tens,
            _ => null,
        };
        return ring is null ? Answer(Outcome.Invalid($"range = {range}: must be 15m or 24h.")) : Results.Ok(Series.Of(ring, time.GetUtcNow()));
    }

    private static Actor ActorOf(HttpContext context) => Actor.Of(
        context.User,
        Addresses.Text(context.Connection.RemoteIpAddress),
        context.User.Identity?.AuthenticationType == CookieAuthenticationDefaults.AuthenticationScheme ? Actor.Console : Actor.Api);

    // Routing leaves an escaped slash as it is, and a breaker of a Unix socket has some.
    private static string WithSlashes(string name) => name.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static IResult NotFound(string text) => Answer(Outcome.NotFound(text));

    internal static IResult Answer(Outcome outcome) => outcome.Kind switch
    {
        OutcomeKind.Done => Results.Ok(new Done(outcome.Text, outcome.Count, outcome.Secret)),
        OutcomeKind.NotAllowed => Results.Problem(outcome.Text, statusCode: StatusCodes.Status403Forbidden),
        OutcomeKind.NotFound => Results.Problem(outcome.Text, statusCode: StatusCodes.Status404NotFound),
        OutcomeKind.Invalid => Results.Problem(outcome.Text, statusCode: StatusCodes.Status400BadRequest),
        OutcomeKind.Conflict => Results.Problem(outcome.Text, statusCode: StatusCodes.Status409Conflict),
        _ => Results.Problem(outcome.Text, statusCode: StatusCodes.Status500InternalServerError),
    };
}

/// <summary>How a change went.</summary>
internal sealed record Done(
    [property: Field("What was done.", "192.0.2.0/24 is banned without an end, 3 connections ended.")] string Text,
    [property: Field("The number of things that the change concerned, as connections.", 3)] int Count,
    [property: Field("The secret of a new token; null for every other change.", "npat_…")] string? Secret);

/// <summary>A token against forged requests.</summary>
internal sealed record FormToken(
    [property: Field("The header that carries the token.", AccessExtensions.AntiforgeryHeader)] string Header,
    [property: Field("The token, which is good for this sign-in alone.", "CfDJ8…")] string Token);

/// <summary>Ends all that match.</summary>
internal sealed record DisconnectRequest(
    [property: Field("Which connections to end; a field that is null or missing matches every connection.")] ConnectionFilter Filter,
    [property: Field("The number of matching connections that you have seen; the server refuses if many more match now.", 12)] int Expected,
    [property: Field("The number of connections to end each second, 1 to 100000.", 100)] int PerSecond = 100,
    [property: Field("Must be true to end all connections with an empty filter.", false)] bool All = false);

/// <summary>A ban.</summary>
internal sealed record BanRequest(
    [property: Field("An address, a network in CIDR notation, or the SHA-256 of a client certificate.", "192.0.2.0/24")] string Target,
    [property: Field("Why, for other operators; 1 to 200 characters.", "floods us")] string Reason,
    [property: Field("How long the ban lasts, as hh:mm:ss or d.hh:mm:ss; null or missing for a ban without an end.", "01:00:00")] TimeSpan? Duration = null);

/// <summary>A drain.</summary>
internal sealed record DrainRequest(
    [property: Field("The number of connections to ask to leave each second, 1 to 100000.", 100)] int PerSecond,
    [property: Field("The time after which the server ends the remaining connections, as hh:mm:ss.", "00:05:00")] TimeSpan Deadline);

/// <summary>A token for the API.</summary>
internal sealed record TokenRequest(
    [property: Field("The name of the new token; 1 to 64 characters.", "robot")] string Name,
    [property: Field("What the token may do: viewer or operator.", "viewer")] Role Role,
    [property: Field("How long the token works, as hh:mm:ss or d.hh:mm:ss.", "90.00:00:00")] TimeSpan Lifetime);

/// <summary>Which connections; see <see cref="ConnectionFilter"/>.</summary>
internal sealed record FilterQuery(
    string? Address, string? Identity, string? Transport, string? Command, string? State, string? Reason, string? MinAge, string? MaxAge)
{
    public ConnectionFilter ToFilter() => new ConnectionFilter
    {
        Address = Address,
        Identity = Identity,
        Transport = Transport,
        Command = Command,
        State = State ?? Reason,
        MinAge = MinAge,
        MaxAge = MaxAge,
    }.WithoutBlanks();
}

/// <summary>Which part of a list; see <see cref="Paging"/>.</summary>
internal sealed record PagingQuery(int? Page, int? Size, string? Sort, bool? Descending)
{
    public Paging ToPaging() => new() { Page = Page ?? 1, Size = Size ?? Paging.DefaultSize, Sort = Sort, Descending = Descending ?? false };
}
