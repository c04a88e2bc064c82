using System.Net;
using System.Text;
using Integration.Tests.Operations;
using NetworkProtocol.Admin;
using NetworkProtocol.Messages;

namespace Integration.Tests;

/// <summary><see cref="HttpNode"/> against the program: each view, each action, and each way in which they fail.</summary>
[Trait("Needs", "Program")]
public sealed class HttpNodeTests : IDisposable
{
    private const string Breaker = "hub:127.0.0.1:1";

    private readonly CertificateFiles _files = CertificateFiles.Create();
    private readonly List<HttpClient> _clients = [];

    public void Dispose()
    {
        _clients.ForEach(client => client.Dispose());
        _files.Dispose();
    }

    [Fact]
    public async Task Views_give_what_the_node_shows()
    {
        await using var operators = await StartAsync();
        var node = NodeOf(operators);
        await using var client = await operators.ConnectAsync();
        await client.SendAsync(new Message.Custom("NOBODY", default));
        await client.ReadAsync();

        var status = await node.StatusAsync();
        Assert.Equal(("node-1", "ready", 1), (status.Node, status.State, status.Connections));
        foreach (var range in Enum.GetValues<SeriesRange>())
        {
            var series = await node.SeriesAsync(range);
            Assert.Equal(range == SeriesRange.Hours24 ? 10 : 1, series.StepSeconds);
            Assert.Equal(series.Connections.Count, series.P99.Count);
        }

        var filter = new ConnectionFilter { Transport = "secure", Address = "127.0.0.0/8", MaxAge = "01:00:00" };
        var page = await node.ConnectionsAsync(filter, new Paging());
        Assert.Equal(("node-1/1", 1, 1, Paging.DefaultSize), (Assert.Single(page.Items).Id, page.Total, page.Page, page.Size));
        Assert.Empty((await node.ConnectionsAsync(new ConnectionFilter { State = "running" }, new Paging())).Items);
        var detail = await node.ConnectionAsync("node-1/1");
        Assert.Equal(("node-1/1", "Unknown command: NOBODY"), (detail.Connection.Id, detail.LastError));
        Assert.Contains(detail.RecentMessages, message => message is { Direction: "received", Command: "PING" });

        var errors = await node.ErrorsAsync(new ErrorFilter { Kind = "unknown_command" }, new Paging());
        Assert.Equal("node-1/1", Assert.Single(errors.Items).ConnectionId);
        Assert.Empty((await node.ErrorsAsync(new ErrorFilter { Text = "something else", Connection = "node-1/1" }, new Paging())).Items);
        Assert.Contains(await node.ErrorKindsAsync(), kind => kind is { Kind: "unknown_command", Count: 1 });
        var breaker = Assert.Single(await node.BreakersAsync());
        Assert.Equal((Breaker, "closed"), (breaker.Name, breaker.State));
        Assert.Empty(await node.BansAsync());
        Assert.Equal("CN=localhost", Assert.Single(await node.CertificatesAsync()).Subject);
        Assert.Equal("none", (await node.DrainAsync()).Stage);
        Assert.Contains(await node.ConfigurationAsync(), setting => setting is { Key: "Cluster:NodeId", Value: "node-1" });
        // The first run of the checks comes later.
        await Eventually.Async(async () => (await node.HealthAsync()).Any(check => check.Name == "certificates"));
        Assert.Contains(await node.TokensAsync(), token => token is { Name: "tester", Role: Role.Operator });
        var entry = Assert.Single((await node.AuditAsync(new Paging { Size = 1 })).Items);
        Assert.Equal(("create-token", "done"), (entry.Action, entry.Result));
    }

    [Fact]
    public async Task Pages_and_orders_of_a_list_reach_the_node()
    {
        await using var operators = await StartAsync();
        var node = NodeOf(operators);
        await using var first = await operators.ConnectAsync();
        await using var second = await operators.ConnectAsync();
        var page = await node.ConnectionsAsync(new ConnectionFilter(), new Paging { Page = 2, Size = 1, Sort = "id", Descending = true });
        Assert.Equal(("node-1/1", 2, 2, 1), (Assert.Single(page.Items).Id, page.Total, page.Page, page.Size));
        var unsorted = new Paging { Sort = "size" };
        var wrong = await Assert.ThrowsAsync<NodeException>(() => node.ConnectionsAsync(new ConnectionFilter(), unsorted));
        Assert.Contains("must be one of id, peer,", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Actions_change_the_node_and_say_what_they_did()
    {
        await using var operators = await StartAsync();
        var node = NodeOf(operators);
        await using var first = await operators.ConnectAsync();
        AssertDone("Connection node-1/1 is being ended.", 1, await node.DisconnectAsync("node-1/1"));
        Assert.Equal(new Message.Disconnect(), await first.ReadAsync());
        await first.DisposeAsync();
        var closed = new ConnectionFilter { State = "kicked" };
        await Eventually.Async(
            async () => (await node.ClosedAsync(closed, new Paging())).Items is [{ Id: "node-1/1", Reason: "kicked" }],
            () => "the connection is not in the list of closed ones");

        await using var second = await operators.ConnectAsync();
        var all = new DisconnectRequest(new ConnectionFilter(), Expected: 1, PerSecond: 10, All: true);
        AssertDone("Ending 1 connection, 10 a second.", 1, await node.DisconnectMatchingAsync(all));
        Assert.Equal(new Message.Disconnect(), await second.ReadAsync());

        AssertDone("192.0.2.0/24 is banned", 0, await node.BanAsync(new BanRequest("192.0.2.0/24", "a test", TimeSpan.FromHours(1))));
        var ban = Assert.Single(await node.BansAsync());
        Assert.Equal(TimeSpan.FromHours(1), ban.ExpiresAt - ban.At);
        AssertDone("192.0.2.0/24 is no longer banned.", 0, await node.UnbanAsync(ban.Id));
        Assert.Empty(await node.BansAsync());

        Assert.True((await node.IsolateAsync(Breaker)).IsDone);
        Assert.Equal("isolated", Assert.Single(await node.BreakersAsync()).State);
        Assert.True((await node.ResetAsync(Breaker)).IsDone);
        Assert.Equal("closed", Assert.Single(await node.BreakersAsync()).State);

        var serial = _files.WriteServer();
        Assert.True((await node.ReloadCertificatesAsync()).IsDone);
        Assert.Equal(serial, Assert.Single(await node.CertificatesAsync()).Serial);

        Assert.True((await node.DrainAsync(new DrainRequest(10, TimeSpan.FromMinutes(1)))).IsDone);
        Assert.NotEqual("none", (await node.DrainAsync()).Stage);
        Assert.True((await node.UndoDrainAsync()).IsDone);
        Assert.Equal("none", (await node.DrainAsync()).Stage);
    }

    [Fact]
    public async Task A_token_is_made_used_and_revoked()
    {
        await using var operators = await StartAsync();
        var node = NodeOf(operators);
        var created = await node.CreateTokenAsync(new TokenRequest("robot", Role.Viewer, TimeSpan.FromDays(1)));
        Assert.True(created.IsDone, created.Text);
        var robot = NodeAt(operators.Url, created.Secret);
        Assert.Equal("node-1", (await robot.StatusAsync()).Node);
        AssertFailed(OutcomeKind.NotAllowed, "", await robot.RevokeTokenAsync("robot"));
        Assert.True((await node.RevokeTokenAsync("robot")).IsDone);
        Assert.Equal(OutcomeKind.NotSignedIn, (await Assert.ThrowsAsync<NodeException>(() => robot.StatusAsync())).Kind);
    }

    [Fact]
    public async Task A_refusal_says_of_which_kind_it_is()
    {
        await using var operators = await StartAsync();
        var node = NodeOf(operators);
        AssertFailed(OutcomeKind.NotFound, "There is no open connection node-1/99.", await node.DisconnectAsync("node-1/99"));
        AssertFailed(OutcomeKind.NotFound, "There is no breaker 'no/body?'.", await node.ResetAsync("no/body?"));
        AssertFailed(
            OutcomeKind.Invalid, "Use 192.0.2.0/24 for the network", await node.BanAsync(new BanRequest("192.0.2.7/24", "a test")));
        AssertFailed(OutcomeKind.Conflict, "There is no drain to undo.", await node.UndoDrainAsync());
        AssertFailed(OutcomeKind.Conflict, "No connections are being ended.", await node.StopDisconnectingAsync());
        var unknown = await Assert.ThrowsAsync<NodeException>(() => node.ConnectionAsync("node-1/99"));
        Assert.Equal(OutcomeKind.NotFound, unknown.Kind);
        var pigeons = new ConnectionFilter { Transport = "pigeon" };
        var wrong = await Assert.ThrowsAsync<NodeException>(() => node.ConnectionsAsync(pigeons, new Paging()));
        Assert.Equal(OutcomeKind.Invalid, wrong.Kind);
        Assert.Contains("transport = pigeon: must be one of ", wrong.Message, StringComparison.Ordinal);
        AssertFailed(OutcomeKind.NotSignedIn, "", await NodeAt(operators.Url, token: null).UndoDrainAsync());
    }

    [Theory]
    [InlineData("../drain")]
    [InlineData("disconnect")]
    [InlineData("../bans/1")]
    [InlineData("..")]
    [InlineData("")]
    public async Task A_name_never_leads_to_another_operation(string name)
    {
        // Nothing listens there: what is sent would be unreachable.
        var node = NodeAt("http://127.0.0.1:1/", "npat_secret");
        Assert.Equal(OutcomeKind.NotFound, (await node.DisconnectAsync(name)).Kind);
        if (name is "" or "..")
        {
            Assert.Equal(OutcomeKind.NotFound, (await node.UnbanAsync(name)).Kind);
            Assert.Equal(OutcomeKind.NotFound, (await node.RevokeTokenAsync(name)).Kind);
            Assert.Equal(OutcomeKind.NotFound, (await node.ResetAsync(name)).Kind);
        }
    }

    [Fact]
    public async Task What_is_not_the_api_is_no_answer()
    {
        using var listener = new HttpListener();
        var url = $"http://127.0.0.1:{FreePort.Take()}/";
        listener.Prefixes.Add(url);
        listener.Start();
        var node = NodeAt(url, "npat_secret");
        foreach (var (status, body, kind) in new[]
        {
            (200, "<html>welcome</html>", OutcomeKind.NotTheApi),
            (200, "null", OutcomeKind.NotTheApi),
            (200, "{}", OutcomeKind.NotTheApi),
            (403, "<html>no</html>", OutcomeKind.NotAllowed),
            (404, "<html>not here</html>", OutcomeKind.NotTheApi),
            (302, "", OutcomeKind.Redirected),
        })
        {
            var answering = AnswerAsync(listener, status, body);
            var error = await Assert.ThrowsAsync<NodeException>(() => node.StatusAsync());
            Assert.Equal((body, kind), (body, error.Kind));
            Assert.DoesNotContain("npat_secret", error.Message, StringComparison.Ordinal);
            await answering;
        }

        var answer = AnswerAsync(listener, 200, "<html>welcome</html>");
        AssertFailed(OutcomeKind.NotTheApi, url.TrimEnd('/'), await node.UndoDrainAsync());
        await answer;
    }

    [Fact]
    public async Task A_node_that_cannot_be_reached_is_an_outcome_and_only_a_cancellation_is_thrown()
    {
        var node = NodeAt($"http://127.0.0.1:{FreePort.Take()}/", token: null);
        AssertFailed(OutcomeKind.Unreachable, "cannot reach http://127.0.0.1:", await node.UnbanAsync("1F2E"));
        Assert.Equal(OutcomeKind.Unreachable, (await Assert.ThrowsAsync<NodeException>(() => node.BansAsync())).Kind);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => node.UnbanAsync("1F2E", new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task A_node_whose_certificate_is_not_trusted_is_told_apart()
    {
        await using var server = await ServerProcess.StartAsync(
            "--NetworkProtocol:Server:Tls:Mode=Disabled",
            $"--NetworkProtocol:Http:Tls:CertificatePath={_files.Certificate}",
            $"--NetworkProtocol:Http:Tls:KeyPath={_files.Key}");
        AssertFailed(OutcomeKind.Untrusted, "cannot reach https://", await NodeAt(server.Http.AbsoluteUri, "npat_secret").UndoDrainAsync());
    }

    private Task<Operator> StartAsync() => Operator.StartAsync(
        "--NetworkProtocol:Server:Tls:Mode=Optional",
        $"--NetworkProtocol:Server:Tls:CertificatePath={_files.Certificate}",
        $"--NetworkProtocol:Server:Tls:KeyPath={_files.Key}",
        "--NetworkProtocol:Upstreams:hub:Addresses:0=127.0.0.1:1",
        "--NetworkProtocol:Upstreams:hub:Commands:0=HUB");

    private HttpNode NodeOf(Operator operators) => NodeAt(operators.Url, operators.Secret);

    private HttpNode NodeAt(string url, string? token)
    {
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri($"{url}api/v1/") };
        http.DefaultRequestHeaders.Authorization = token is null ? null : new("Bearer", token);
        _clients.Add(http);
        return new HttpNode(http);
    }

    private static async Task AnswerAsync(HttpListener listener, int status, string body)
    {
        var context = await listener.GetContextAsync().WaitAsync(TimeSpan.FromSeconds(60));
        context.Response.StatusCode = status;
        context.Response.RedirectLocation = status == 302 ? "http://elsewhere.example/" : null;
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
        context.Response.Close();
    }

    private static void AssertDone(string text, int count, Outcome outcome)
    {
        Assert.StartsWith(text, outcome.Text, StringComparison.Ordinal);
        Assert.Equal((OutcomeKind.Done, count), (outcome.Kind, outcome.Count));
    }

    private static void AssertFailed(OutcomeKind kind, string text, Outcome outcome)
    {
        Assert.Equal(kind, outcome.Kind);
        Assert.Contains(text, outcome.Text, StringComparison.Ordinal);
        Assert.False(outcome.IsDone);
    }
}
