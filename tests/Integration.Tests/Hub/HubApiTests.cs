using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Integration.Tests.Console;
using NetworkProtocol.Admin;
using NetworkProtocol.Forwarding;

namespace Integration.Tests.Hub;

/// <summary>What a hub has stored, over its API and <c>netproto</c>, in the real program.</summary>
[Trait("Needs", "Program")]
public sealed class HubApiTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_a_source_has_sent_is_read_as_json_csv_and_by_netproto()
    {
        var server = await ServerProcess.StartAsync(HubFeed.Settings);
        await using var operators = await Operator.OfAsync(server); // which ends the server
        await FillAsync(server);
        var http = operators.Session.Http;

        var sources = await ItemsAsync(http, "sources");
        Assert.Equal(["alarm", "alarm", "bulk", "bulk"], sources.Select(row => row.GetProperty("lane").GetString()!).Order());
        var bulk = sources.First(row => row.GetProperty("lane").GetString() == "bulk");
        Assert.Equal(
            ("edge1", "", 1L, 6L, 5L, 1L),
            (bulk.GetProperty("name").GetString(), bulk.GetProperty("identity").GetString(), bulk.GetProperty("epoch").GetInt64(),
                bulk.GetProperty("mark").GetInt64(), bulk.GetProperty("messages").GetInt64(), bulk.GetProperty("lost").GetInt64()));
        Assert.True(bulk.GetProperty("lagSeconds").GetDouble() > 0 || bulk.GetProperty("clockAheadSeconds").GetDouble() > 0);

        var series = await ItemsAsync(http, "series?source=edge1&topic=room1");
        Assert.Equal(
            ["room1/climate|humidity", "room1/climate|temperature", "room1/temperature|"],
            series.Select(row => $"{row.GetProperty("topic").GetString()}|{row.GetProperty("field").GetString()}"));
        var id = series[2].GetProperty("id").GetInt64();
        Assert.Equal(-3.5, series[2].GetProperty("lastValue").GetDouble());
        Assert.Equal(-3.5, (await http.GetFromJsonAsync<JsonElement>($"/api/v1/hub/series/{id}")).GetProperty("lastValue").GetDouble());

        var readings = await ItemsAsync(http, $"readings?series={id}");
        Assert.Equal([-3.5, 21.5], readings.Select(row => row.GetProperty("value").GetDouble()));
        Assert.Equal(Noon.AddMinutes(1), readings[0].GetProperty("time").GetDateTimeOffset());
        var one = Assert.Single(await ItemsAsync(http, $"readings?series={id}&from=2026-11-28T12:00Z&to=2026-11-28T12:01:00Z"));
        Assert.Equal(21.5, one.GetProperty("value").GetDouble());

        var last = await ItemsAsync(http, "readings?topic=door");
        Assert.Equal("=open", Assert.Single(last).GetProperty("text").GetString());
        Assert.Equal("/wA=", Assert.Single(await ItemsAsync(http, "readings?topic=image")).GetProperty("base64").GetString());

        var hour = Assert.Single(await ItemsAsync(http, $"rollups?series={id}&resolution=hour"));
        Assert.Equal(
            (Noon, 2L, 18.0, -3.5, 21.5, 9.0, -3.5),
            (hour.GetProperty("start").GetDateTimeOffset(), hour.GetProperty("count").GetInt64(), hour.GetProperty("sum").GetDouble(),
                hour.GetProperty("min").GetDouble(), hour.GetProperty("max").GetDouble(), hour.GetProperty("avg").GetDouble(),
                hour.GetProperty("last").GetDouble()));
        Assert.Equal(2, (await ItemsAsync(http, $"rollups?series={id}&resolution=minute")).Length);

        var loss = Assert.Single(await ItemsAsync(http, "losses?source=edge1"));
        Assert.Equal(
            ("bulk", 6L, 1L, "full"),
            (loss.GetProperty("lane").GetString(), loss.GetProperty("first").GetInt64(), loss.GetProperty("count").GetInt64(),
                loss.GetProperty("reason").GetString()));
        Assert.Equal("reason_77", Assert.Single(await ItemsAsync(http, "losses?source=edge2")).GetProperty("reason").GetString());
        Assert.Equal(2, (await ItemsAsync(http, "losses")).Length);
        var letters = await ItemsAsync(http, "dead-letters");
        Assert.Equal("/wA=", letters[0].GetProperty("base64").GetString());
        Assert.Equal(("ahead", "2"), (letters[1].GetProperty("topic").GetString(), letters[1].GetProperty("text").GetString()));
        Assert.Contains("edge2,2,ahead,", await http.GetStringAsync("/api/v1/hub/dead-letters?format=csv"), StringComparison.Ordinal);

        var totals = await http.GetFromJsonAsync<JsonElement>("/api/v1/hub/totals");
        Assert.Equal((2L, 2L), (totals.GetProperty("sources").GetInt64(), totals.GetProperty("lost").GetInt64()));
        Assert.True(totals.GetProperty("storeBytes").GetInt64() > 0);

        // A negative number is a number in a spreadsheet, and a text is no formula.
        var csv = (await http.GetStringAsync($"/api/v1/hub/readings?series={id}&format=csv")).Trim().Split("\r\n");
        Assert.Equal("series,source,topic,field,unit,time,value,text,base64", csv[0]);
        Assert.EndsWith(",-3.5,,", csv[1], StringComparison.Ordinal);
        Assert.Contains(",'=open,", await http.GetStringAsync("/api/v1/hub/readings?topic=door&format=csv"), StringComparison.Ordinal);
        var file = await http.GetFromJsonAsync<JsonElement[]>($"/api/v1/hub/readings?series={id}&format=json");
        Assert.Equal(2, file!.Length);
        Assert.Empty((await http.GetFromJsonAsync<JsonElement[]>("/api/v1/hub/series?source=nobody&format=json"))!);

        var lines = Lines(await operators.RunAsync("hub", "readings", "--topic", "room1/temperature"));
        Assert.Equal("series\tsource\ttopic\tfield\tunit\ttime\tvalue\ttext\tbase64", lines[0]);
        Assert.StartsWith($"{id}\tedge1\troom1/temperature\t", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("\t-3.5\t\t", lines[1], StringComparison.Ordinal);
        Assert.Equal(3, Lines(await operators.RunAsync("hub", "readings", "--series", $"{id}")).Length);
        Assert.Equal(2, Lines(await operators.RunAsync("hub", "readings", "--series", $"{id}", "--to", "2026-11-28T12:01:00Z")).Length);
        Assert.Equal(4, Lines(await operators.RunAsync("hub", "series", "--source", "edge1", "--topic", "room1")).Length);
        Assert.Equal(5, Lines(await operators.RunAsync("hub", "sources")).Length);
        Assert.Equal(
            ["at\tsource\tlane\tepoch\tfirst\tcount\treason", "edge1\tbulk\t1\t6\t1\tfull"],
            Lines(await operators.RunAsync("hub", "losses", "--source", "edge1"))
                .Select((line, index) => index == 0 ? line : line[(line.IndexOf('\t', StringComparison.Ordinal) + 1)..]));
        Assert.Equal(3, Lines(await operators.RunAsync("hub", "dead-letters")).Length);
        Assert.Contains(
            "\t2\t18\t", await operators.RunAsync("hub", "rollups", "--series", $"{id}", "--resolution", "day"), StringComparison.Ordinal);
        Assert.Contains("sources\t2\n", await operators.RunAsync("hub", "totals"), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(await operators.RunAsync("hub", "readings", "--series", $"{id}", "--json"));
        Assert.Equal(2, json.RootElement.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_long_list_is_read_in_parts_and_exported_whole()
    {
        var server = await ServerProcess.StartAsync(HubFeed.Settings);
        await using var operators = await Operator.OfAsync(server); // which ends the server
        await using (var feed = await HubFeed.ConnectAsync(server, "edge1"))
        {
            await feed.SendAsync(Enumerable.Range(0, 10_500).Select(
                i => ("count", Noon.AddMilliseconds(i), (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes($"{i}"))));
        }

        using var client = new HttpClient { BaseAddress = new Uri($"{operators.Url}api/v1/") };
        client.DefaultRequestHeaders.Authorization = new("Bearer", operators.Secret);
        var node = new HttpNode(client);
        var id = Assert.Single((await node.HubSeriesAsync("edge1", null, new HubPaging())).Items).Id;
        var values = new List<double?>();
        HubSlice<HubReadingRow>? part = null;
        do
        {
            part = await node.HubReadingsAsync(id, new HubSpan(Noon), new HubPaging(4000, part?.Next));
            Assert.True(part.Items.Count <= 4000);
            values.AddRange(part.Items.Select(row => row.Value));
        }
        while (part.Next is not null);
        Assert.Equal(Enumerable.Range(0, 10_500).Reverse().Select(i => (double?)i), values);
        var csv = await client.GetStringAsync($"hub/readings?series={id}&format=csv");
        Assert.Equal(10_501, csv.Trim().Split("\r\n").Length);
        Assert.Equal(10_500, (await client.GetFromJsonAsync<JsonElement[]>($"hub/readings?series={id}&format=json"))!.Length);

        var (exitCode, output, errors) = await operators.TryAsync("hub", "readings", "--series", $"{id}", "--size", "2");
        Assert.Equal((0, 3), (exitCode, Lines(output).Length));
        Assert.StartsWith("netproto: there are more rows; --after ", errors, StringComparison.Ordinal);
        var after = errors.Split("--after ")[1].Split(' ')[0];
        (_, output, _) = await operators.TryAsync("hub", "readings", "--series", $"{id}", "--size", "2", "--after", after);
        Assert.Contains("\t10497\t", Lines(output)[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_with_large_values_ends_early_and_a_file_has_all()
    {
        var server = await ServerProcess.StartAsync(HubFeed.Settings);
        await using var operators = await Operator.OfAsync(server); // which ends the server
        await using (var feed = await HubFeed.ConnectAsync(server, "edge1"))
        {
            var text = new string('x', 100_000);
            for (var i = 0; i < 150; i++)
            {
                await feed.SendAsync("log", Noon.AddSeconds(i), text);
            }
        }

        var http = operators.Session.Http;
        var id = (await ItemsAsync(http, "series"))[0].GetProperty("id").GetInt64();
        var part = await http.GetFromJsonAsync<JsonElement>($"/api/v1/hub/readings?series={id}&size=10000");
        Assert.Equal(100, part.GetProperty("items").GetArrayLength());
        var rest = await ItemsAsync(http, $"readings?series={id}&size=10000&after={part.GetProperty("next").GetString()}");
        Assert.Equal(50, rest.Length);
        Assert.Equal(151, (await http.GetStringAsync($"/api/v1/hub/readings?series={id}&format=csv")).Trim().Split("\r\n").Length);
    }

    [Fact]
    public async Task A_wrong_parameter_is_told_what_would_be_right()
    {
        var server = await ServerProcess.StartAsync(HubFeed.Settings);
        await using var operators = await Operator.OfAsync(server); // which ends the server
        await FillAsync(server);
        foreach (var (path, status, problem) in ((string, HttpStatusCode, string)[])
        [
            ("readings?series=7x", HttpStatusCode.BadRequest, "series = 7x: must be a whole number"),
            ("readings?series=4711", HttpStatusCode.NotFound, "There is no series 4711."),
            ("series/4711", HttpStatusCode.NotFound, "There is no series 4711."),
            ("rollups?series=4711", HttpStatusCode.NotFound, "There is no series 4711."),
            ("rollups?resolution=hour", HttpStatusCode.BadRequest, "series is missing: must be the number of a series."),
            ("rollups?series=1&resolution=week", HttpStatusCode.BadRequest, "resolution = week: must be minute, hour or day."),
            ("readings?series=1&from=yesterday", HttpStatusCode.BadRequest, "from = yesterday: must be a time as 2026-11-28T12:00:00Z."),
            ("readings?series=1&to=28.11.2026", HttpStatusCode.BadRequest, "to = 28.11.2026: must be a time as "),
            ("readings?series=1&from=2026-11-28&to=2026-11-27",
                HttpStatusCode.BadRequest, "from = 2026-11-28T00:00:00Z: must be before to"),
            ("readings?from=2026-11-28", HttpStatusCode.BadRequest, "from and to need series"),
            ("readings?series=1&topic=room1", HttpStatusCode.BadRequest, "series = 1: must be alone"),
            ("readings?size=10001", HttpStatusCode.BadRequest, "size = 10001: must be 1 to 10000."),
            ("series?size=0", HttpStatusCode.BadRequest, "size = 0: must be 1 to 10000."),
            ("series?after=nonsense", HttpStatusCode.BadRequest, "after"),
            ("sources?after=%00", HttpStatusCode.BadRequest, "after"),
            ("readings?after=nonsense", HttpStatusCode.BadRequest, "after"),
            ("readings?series=1&after=nonsense", HttpStatusCode.BadRequest, "after"),
            ("rollups?series=1&after=nonsense", HttpStatusCode.BadRequest, "after"),
            ("series?format=xml", HttpStatusCode.BadRequest, "format = xml: must be json or csv"),
            ("series?topik=room1", HttpStatusCode.BadRequest, "topik is unknown: the parameters are source, topic, size, after, format."),
        ])
        {
            using var answer = await operators.Session.Http.GetAsync($"/api/v1/hub/{path}");
            var detail = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString();
            Assert.Equal((path, status), (path, answer.StatusCode));
            Assert.Contains(problem, detail, StringComparison.OrdinalIgnoreCase);
        }

        await operators.FailAsync(1, "There is no series 4711.", "hub", "readings", "--series", "4711");
        await operators.FailAsync(2, "--from yesterday: must be a time as 2026-11-28T12:00:00Z", "hub", "readings", "--from", "yesterday");
        await operators.FailAsync(2, "--from and --to need --series", "hub", "readings", "--from", "2026-11-28");
        await operators.FailAsync(2, "--series excludes --source and --topic", "hub", "readings", "--series", "1", "--topic", "a");
        await operators.FailAsync(2, "--series", "hub", "rollups");
        await operators.FailAsync(2, "size = 0: must be 1 to 10000.", "hub", "series", "--size", "0");
    }

    [Fact]
    public async Task A_viewers_token_reads_and_a_stranger_does_not()
    {
        await using var server = await ServerProcess.StartAsync(HubFeed.Settings);
        using var session = await AdminSession.SignInAsync(server);
        using var viewer = ConsoleServer.WithToken(server, await session.CreateTokenAsync("watcher", "viewer"));
        using var stranger = new HttpClient { BaseAddress = server.Http };
        foreach (var path in (string[])["sources", "series", "readings", "totals"])
        {
            Assert.Equal(HttpStatusCode.OK, (await viewer.GetAsync($"/api/v1/hub/{path}")).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync($"/api/v1/hub/{path}")).StatusCode);
        }
    }

    [Fact]
    public async Task A_node_that_is_no_hub_says_so()
    {
        await using var operators = await Operator.StartAsync();
        const string NoHub = "This node is no hub: NetworkProtocol:Hub:Store is None.";
        foreach (var path in (string[])["sources", "series", "series/1", "readings", "readings?series=1", "rollups?series=1", "totals",
            "losses", "dead-letters"])
        {
            using var answer = await operators.Session.Http.GetAsync($"/api/v1/hub/{path}");
            Assert.Equal((path, HttpStatusCode.NotFound), (path, answer.StatusCode));
            Assert.Equal(NoHub, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString());
        }

        await operators.FailAsync(1, NoHub, "hub", "sources");
    }

    private static async Task FillAsync(ServerProcess server)
    {
        await using var feed = await HubFeed.ConnectAsync(server, "edge1");
        await feed.SendAsync("room1/temperature", Noon, "21.5");
        await feed.SendAsync("room1/temperature", Noon.AddMinutes(1), "-3.5");
        await feed.SendAsync("room1/climate", Noon, """{"temperature":21.5,"humidity":40}""");
        await feed.SendAsync("door", Noon, "=open");
        await feed.SendAsync([("image", Noon, new byte[] { 0xFF, 0x00 })]);
        await feed.SendAsync(new Batch("edge1", Lane.Bulk, 1, 6, [], [new Loss(6, 1, LossReason.Full)]));
        await feed.SendAsync([("fire", Noon, "1"u8.ToArray())], Lane.Alarm);

        // Another edge has messages that the hub cannot store, and a reason of losses that the hub does not know.
        await using var other = await HubFeed.ConnectAsync(server, "edge2");
        await other.SendAsync(new Batch("edge2", Lane.Bulk, 1, 1, [], [new Loss(1, 1, (LossReason)77)]));
        var ahead = TimeProvider.System.GetUtcNow().AddDays(9);
        await other.SendAsync("ahead", ahead, "2");
        await other.SendAsync([("ahead", ahead, new byte[] { 0xFF, 0x00 })]);
    }

    private static async Task<JsonElement[]> ItemsAsync(HttpClient http, string path) =>
        [.. (await http.GetFromJsonAsync<JsonElement>($"/api/v1/hub/{path}")).GetProperty("items").EnumerateArray()];

    private static string[] Lines(string output) => output.TrimEnd('\n').Split('\n');
}
