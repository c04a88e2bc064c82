using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Connections;

namespace Integration.Tests;

/// <summary>The key of a connection, which is unique among all nodes.</summary>
[Trait("Needs", "Program")]
public sealed class ConnectionKeyTests
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-:";

    private static readonly Gen<string> Nodes =
        Gen.Char[Letters].Array[1, NodeName.MaxLength].Select(letters => new string(letters)).Where(node => node is not ("." or ".."));

    private static readonly Gen<long> Ids = Gen.OneOf(Gen.Long[1, long.MaxValue], Gen.Long[1, 1000]);

    [Fact]
    public void What_is_written_is_read_again() => Gen.Select(Nodes, Ids).Sample((node, id) =>
    {
        var key = new ConnectionKey(node, id);
        Assert.Equal($"{node}/{id}", key.ToString());
        Assert.True(ConnectionKey.TryParse(key.ToString(), out var read));
        Assert.Equal(key, read);
    });

    [Fact]
    public void A_text_is_no_key_or_the_only_one_of_its_connection() =>
        Gen.OneOf(Gen.String, Gen.Char["aZ0-9._:/ \n+é"].Array[0, 12].Select(letters => new string(letters))).Sample(text =>
        {
            if (ConnectionKey.TryParse(text, out var key))
            {
                Assert.Equal(text, key.ToString());
                Assert.True(ConnectionKey.IsNode(key.Node) && key.Id > 0);
            }
            else
            {
                Assert.Equal(default, key);
            }
        });

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("42")]
    [InlineData("/42")]
    [InlineData("node-1/")]
    [InlineData("node-1/0")]
    [InlineData("node-1/042")]
    [InlineData("node-1/+42")]
    [InlineData("node-1/-42")]
    [InlineData("node-1/42 ")]
    [InlineData(" node-1/42")]
    [InlineData("node-1/42/7")]
    [InlineData("node 1/42")]
    [InlineData("nöde/42")]
    [InlineData("node\n/42")]
    [InlineData("../42")]
    [InlineData("./42")]
    [InlineData("node-1/9223372036854775808")]
    public void A_text_that_is_no_key_is_refused(string? text) => Assert.False(ConnectionKey.TryParse(text, out _));

    [Theory]
    [InlineData("web-1", null, "web-1")]
    [InlineData("web-1", 8443, "web-1")]
    [InlineData("web-1", 9443, "web-1:9443")]
    [InlineData("web-1.example", 9443, "web-1.example:9443")]
    [InlineData("büro pc", 8443, "b-ro-pc")]
    [InlineData("", 9443, "node:9443")]
    [InlineData("..", 8443, "node")]
    public void A_node_without_an_id_has_its_hosts_name_and_a_port_that_is_not_the_usual_one(string host, int? port, string node) =>
        Assert.Equal(node, NodeName.Of(host, port));

    [Fact]
    public void A_very_long_host_name_makes_an_id_all_the_same()
    {
        var node = NodeName.Of(new string('a', 300), 9443);
        Assert.True(ConnectionKey.IsNode(node));
        Assert.Equal(NodeName.MaxLength, node.Length);
        Assert.EndsWith("a:9443", node, StringComparison.Ordinal);
        Assert.False(ConnectionKey.IsNode(node + "a"));
    }

    [Fact]
    public async Task The_library_knows_its_node_once_it_listens()
    {
        await using var server = await TestServer.StartAsync();
        var state = server.Services.GetRequiredService<ServerState>();
        var node = $"{Dns.GetHostName()}:{server.EndPoint.Port}";
        Assert.Equal((node, new ConnectionKey(node, 42)), (state.NodeId, state.KeyOf(42)));
        state.NodeId = "node-1";
        Assert.Equal("node-1/42", state.KeyOf(42).ToString());
        Assert.Throws<ArgumentException>(() => state.NodeId = "node/1");
        Assert.Equal("node-1", state.NodeId);
    }

    [Fact]
    public async Task The_programs_id_is_that_of_the_settings_or_its_own_and_a_key_of_a_list_leads_to_its_connection()
    {
        await using var server = await ServerProcess.StartAsync("--NetworkProtocol:Server:Tls:Mode=Disabled");
        using var session = await AdminSession.SignInAsync(server);
        await using var client = await ServedClient.ConnectAsync(server.Protocol);
        var node = $"{Dns.GetHostName()}:{server.Protocol.Port}";
        Assert.Equal(node, (await session.Http.GetFromJsonAsync<JsonElement>("/api/v1/status")).GetProperty("node").GetString());
        var row = (await session.Http.GetFromJsonAsync<JsonElement>("/api/v1/connections")).GetProperty("items")[0];
        Assert.Equal($"{node}/1", row.GetProperty("id").GetString());
        var detail = await session.Http.GetFromJsonAsync<JsonElement>($"/api/v1/connections/{row.GetProperty("id").GetString()}");
        Assert.Equal($"{node}/1", detail.GetProperty("connection").GetProperty("id").GetString());
    }
}
