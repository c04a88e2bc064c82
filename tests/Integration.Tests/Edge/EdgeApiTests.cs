using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Integration.Tests.Console;
using NetworkProtocol.Admin;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Messages;

namespace Integration.Tests.Edge;

/// <summary>An edge over its API and <c>netproto</c>, with the real programs.</summary>
[Trait("Needs", "Program")]
public sealed class EdgeApiTests : IAsyncDisposable, IAsyncLifetime
{
    private readonly EdgeAndHub _nodes = new();
    private readonly CancellationTokenSource _end = new(TimeSpan.FromMinutes(2));

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        _end.Dispose();
    }

    [Fact]
    public async Task An_operator_pauses_discards_resumes_and_flushes_and_each_is_in_the_audit_log()
    {
        await _nodes.StartHubAsync();
        await _nodes.StartEdgeAsync();
        var operators = await Operator.OfAsync(_nodes.Edge); // the edge ends with the nodes
        using var session = operators.Session;
        using var viewer = ConsoleServer.WithToken(_nodes.Edge, await session.CreateTokenAsync("watcher", "viewer"));
        await UntilAsync(session.Http, edge => edge.Link == "up");

        Assert.Contains("is paused until", await operators.RunAsync("edge", "pause"), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.Conflict, "The uplink is paused already."), await ActAsync(session, "pause"));
        Assert.Equal((HttpStatusCode.Conflict, "The uplink is paused: resume it first."), await ActAsync(session, "flush"));
        await PublishAsync(Lane.Bulk, 3);
        await PublishAsync(Lane.Alarm, 1);
        var edge = await ReadAsync(viewer);
        Assert.Equal(("edge1", "paused", 4L), (edge.Source, edge.Link, edge.Messages));
        Assert.Equal("an operator has paused the uplink", edge.Error);
        Assert.Equal([("bulk", 3L, 4L), ("alarm", 1L, 2L)], edge.Lanes.Select(lane => (lane.Lane, lane.Messages, lane.Next)));
        Assert.True(edge is { OldestSeconds: >= 0, InPerSecond: > 0, EmptyInSeconds: null });
        Assert.Equal(("closed", $"uplink:{edge.Hub}"), (edge.BreakerState, edge.Breaker));

        foreach (var action in (string[])["flush", "pause", "resume", "discard"])
        {
            using var body = JsonContent.Create(new { messages = 4 });
            using var answer = await viewer.PostAsync($"/api/v1/edge/{action}", action == "discard" ? body : null);
            Assert.Equal((action, HttpStatusCode.Forbidden), (action, answer.StatusCode));
        }

        foreach (var (body, status) in ((object, HttpStatusCode)[])
        [
            (new { messages = 3 }, HttpStatusCode.Conflict),
            (new { messages = 2, upTo = new { bulk = 3 } }, HttpStatusCode.Conflict),
            (new { messages = 3, upTo = new { bulk = 4 } }, HttpStatusCode.Conflict),
            (new { messages = 3, upTo = new { smoke = 3 } }, HttpStatusCode.BadRequest),
            (new { messages = 3, upTo = new { bulk = -1 } }, HttpStatusCode.BadRequest),
            (new { upTo = new { bulk = 3 } }, HttpStatusCode.BadRequest),
        ])
        {
            Assert.Equal(status, (await ActAsync(session, "discard", body)).Status);
        }

        await operators.FailAsync(2, "give --messages", "edge", "discard");
        var discarded = await operators.RunAsync("edge", "discard", "--lane", "bulk", "--messages", "3");
        Assert.Contains("3 messages discarded", discarded, StringComparison.Ordinal);
        var lines = (await operators.RunAsync("edge", "status")).Split('\n');
        Assert.Contains("link\tpaused", lines);
        Assert.Contains(lines, line => line.StartsWith("discarded\t3\t", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("bulk\t0\t0\t\t0\t4\t3\tup\t", StringComparison.Ordinal));

        Assert.Equal((HttpStatusCode.OK, "The uplink sends again."), await ActAsync(session, "resume"));
        Assert.Equal(HttpStatusCode.OK, (await ActAsync(session, "flush")).Status);
        var sent = await UntilAsync( // the message leaves the buffer just before it is counted
            session.Http,
            row => row is { Messages: 0, OutPerSecond: > 0, AcknowledgedAt: not null } && row.Lanes.All(lane => lane.UntoldLosses == 0));
        Assert.Equal(("up", 0d), (sent.Link, sent.EmptyInSeconds));
        var (hub, http) = await _nodes.ConnectAsync();
        using var _ = http;
        var loss = Assert.Single((await hub.HubLossesAsync("edge1", new HubPaging())).Items);
        Assert.Equal(("bulk", 1L, 3L, "discarded"), (loss.Lane, loss.First, loss.Count, loss.Reason));

        var audit = (await session.Http.GetFromJsonAsync<JsonElement>("/api/v1/audit?size=100")).GetProperty("items").EnumerateArray()
            .Select(entry => $"{entry.GetProperty("who")} {entry.GetProperty("action")} {entry.GetProperty("target")} "
                + entry.GetProperty("result")).ToArray();
        Assert.Contains("token tester pause-edge  done", audit);
        Assert.Contains("token tester discard-edge 3, bulk up to 3 done", audit);
        Assert.Contains("token watcher flush-edge  refused", audit);
        Assert.Equal(2, audit.Count(entry => entry.EndsWith(" resume-edge  done", StringComparison.Ordinal)
            || entry.EndsWith(" flush-edge  done", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_node_that_is_no_edge_says_so()
    {
        await using var operators = await Operator.StartAsync();
        const string NoEdge = "This node is no edge: NetworkProtocol:Edge:HubAddress is empty.";
        using var answer = await operators.Session.Http.GetAsync("/api/v1/edge");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal(NoEdge, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString());
        await operators.FailAsync(1, NoEdge, "edge", "status");
        await operators.FailAsync(1, NoEdge, "edge", "pause");
    }

    private async Task PublishAsync(Lane lane, int count)
    {
        await using var sensor = _nodes.CreateSensor();
        for (var i = 0; i < count; i++)
        {
            var publication = new Publication("a", "1"u8.ToArray(), Lane: lane);
            Assert.IsType<Message.Custom>(
                await sensor.RequestAsync(new Message.Custom(Publication.Command, publication.Encode()), _end.Token));
        }
    }

    private static async Task<(HttpStatusCode Status, string? Text)> ActAsync(AdminSession session, string action, object? body = null)
    {
        using var answer = await session.SendAsync(HttpMethod.Post, $"/api/v1/edge/{action}", body);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (answer.StatusCode, json.GetProperty(answer.IsSuccessStatusCode ? "text" : "detail").GetString());
    }

    private static async Task<EdgeRow> ReadAsync(HttpClient http) =>
        (await http.GetFromJsonAsync<EdgeRow>("/api/v1/edge", AdminJson.Options))!;

    private async Task<EdgeRow> UntilAsync(HttpClient http, Func<EdgeRow, bool> isGood)
    {
        while (true)
        {
            _end.Token.ThrowIfCancellationRequested();
            if (await ReadAsync(http) is var edge && isGood(edge))
            {
                return edge;
            }
        }
    }
}
